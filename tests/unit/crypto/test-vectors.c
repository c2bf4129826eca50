/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-vectors.c - the primitives against the numbers that their standards print */

#include "crypto/digest.h"
#include "crypto/seal.h"

#include <string.h>

static guint8 *from_hex(const char *hex, gsize *ret_size)
{
    gsize size = strlen(hex) / 2;
    guint8 *bytes = g_malloc0(size + 1);

    for (gsize i = 0; i < size; i++) {
        bytes[i] =
            (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    }
    *ret_size = size;
    return bytes;
}

static void assert_bytes(const guint8 *bytes, gsize size, const char *hex)
{
    gsize wanted_size = 0;
    g_autofree guint8 *wanted = from_hex(hex, &wanted_size);

    g_assert_cmpmem(bytes, size, wanted, wanted_size);
}

/* FIPS 180-4, examples */
static void sha256_as_fips_180_prints_it(void)
{
    guint8 digest[SHA256_BYTES];

    sha256("abc", 3, digest);
    assert_bytes(
        digest, sizeof(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256("", 0, digest);
    assert_bytes(
        digest, sizeof(digest), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 cases 1 and 2; RFC 2104 fills a shorter key with zeros, so 32 bytes hold them */
static void hmac_as_rfc_4231_prints_it_in_any_pieces(void)
{
    guint8 key[32] = {0};
    guint8 mac[SHA256_BYTES];

    memset(key, 0x0b, 20);
    hmac_sha256(key, (const Piece[]){{"Hi There", 8}}, 1, mac);
    assert_bytes(
        mac, sizeof(mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");

    memset(key, 0, sizeof(key));
    memcpy(key, "Jefe", 4);
    const Piece pieces[] = {{"what do ya ", 11}, {"", 0}, {"want for nothing?", 17}};
    hmac_sha256(key, pieces, G_N_ELEMENTS(pieces), mac);
    assert_bytes(
        mac, sizeof(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* The AES-256 cases 14 and 16 of the GCM specification that SP 800-38D adopts */
static const struct {
    const char *key;
    const char *bound;
    const char *sealed; /* nonce, ciphertext, tag */
    const char *plain;
} gcm_cases[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "",
     "000000000000000000000000"
     "cea7403d4d606b6e074ec5d3baf39d18"
     "d0d1c8a799996bf0265b98b5d48ab919",
     "00000000000000000000000000000000"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "cafebabefacedbaddecaf888"
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"},
};

static void gcm_opens_what_the_specification_sealed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(gcm_cases); i++) {
        gsize key_size = 0;
        gsize bound_size = 0;
        gsize size = 0;
        g_autofree guint8 *key = from_hex(gcm_cases[i].key, &key_size);
        g_autofree guint8 *bound = from_hex(gcm_cases[i].bound, &bound_size);
        g_autofree guint8 *sealed = from_hex(gcm_cases[i].sealed, &size);
        g_autofree guint8 *plain = g_malloc0(size);

        g_assert_cmpuint(key_size, ==, SEAL_KEY_BYTES);
        g_assert_true(seal_open(key, bound, bound_size, sealed, size, plain));
        assert_bytes(plain, size - SEAL_OVERHEAD, gcm_cases[i].plain);
    }
}

static void no_bit_of_what_is_sealed_or_bound_can_change(void)
{
    const guint8 key[SEAL_KEY_BYTES] = {7};
    guint8 bound[] = "account";
    guint8 sealed[5 + SEAL_OVERHEAD];
    guint8 plain[5];

    seal_close(key, bound, sizeof(bound), "alice", 5, sealed);
    g_assert_true(seal_open(key, bound, sizeof(bound), sealed, sizeof(sealed), plain));
    g_assert_cmpmem(plain, 5, "alice", 5);
    for (gsize i = 0; i < sizeof(sealed) * 8; i++) {
        sealed[i / 8] ^= (guint8)(1U << i % 8);
        g_assert_false(seal_open(key, bound, sizeof(bound), sealed, sizeof(sealed), plain));
        g_assert_cmpmem(plain, 5, "\0\0\0\0\0", 5);
        sealed[i / 8] ^= (guint8)(1U << i % 8);
    }
    bound[0] ^= 1;
    g_assert_false(seal_open(key, bound, sizeof(bound), sealed, sizeof(sealed), plain));
    g_assert_false(seal_open(key, NULL, 0, sealed, SEAL_OVERHEAD - 1, plain));
}

static void secrets_are_equal_only_when_every_byte_is(void)
{
    guint8 mine[32] = {0};
    guint8 theirs[32] = {0};

    g_assert_true(secret_equal(mine, theirs, sizeof(mine)));
    for (gsize i = 0; i < sizeof(mine); i++) {
        theirs[i] = 0x80;
        g_assert_false(secret_equal(mine, theirs, sizeof(mine)));
        g_assert_true(secret_equal(mine, theirs, i));
        theirs[i] = 0;
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/crypto/vectors/sha256", sha256_as_fips_180_prints_it);
    g_test_add_func("/crypto/vectors/hmac", hmac_as_rfc_4231_prints_it_in_any_pieces);
    g_test_add_func("/crypto/vectors/gcm", gcm_opens_what_the_specification_sealed);
    g_test_add_func("/crypto/vectors/changed-bit", no_bit_of_what_is_sealed_or_bound_can_change);
    g_test_add_func("/crypto/vectors/equal", secrets_are_equal_only_when_every_byte_is);
    return g_test_run();
}
