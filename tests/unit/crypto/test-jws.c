/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/jws.h"

#include "base/text.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <string.h>

/* The private key of RFC 7517 A.2, as DER (RFC 8017 A.1.2), in base64; its modulus there. */
static const char rfc_7517_key[] =
    "MIIEowIBAAKCAQEA0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aP"
    "FFxuhDR1L6tSoc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt7/RN5w6Cf0h4"
    "QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q"
    "NLyrdkt+bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzK"
    "nqDKgwIDAQABAoIBAF+HE7XiWP4J+BWD7FwfK3V4seb8LINRSzeRNxGhukSaFR/hyyyg/TO3ceaKOxlEZJ3IZ60c"
    "HlJAu4U+XySzNFmxQCjS1mNr7+wejal0s1L8U9P2En6oo8Kd0U85QWgsVqeHaBZOTdqPBsv5xzSq6AAyJCeOqUVK"
    "IbF8sG0XgHWGjMBbPbb/Hf3D1WN4tO2t7fDDekzcJtHUmsJvb+O1Igpd0pOWYhu8aIzy7uLG4NVNo8eCAUzQc52y"
    "UsxRyuuo0/G4JLqrJNBo7JAyZNfWeKsI8G7J5+I9lgYot0S/lLNpRlZGPH5Bc5ntc9B2yJH89GOpqpzmLanNF+I3"
    "3CqAAvECgYEA83i+7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R+60eTDmD2ujnMt5P"
    "oqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7"
    "O0nVbfsCgYEA3dfOR9cuYq+0S+mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBc"
    "OfW5r370AFXjiWft/NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ+1kYd/s1qDbxtkDEgfAITAG9LUnADun4vIc"
    "b6yelxkCgYAbiw9eRzphr3Lyglb38guPjG6mm7SXOL8ftVORLzGPlJ1fdygTSiKZjDEiLZ6ZMC57RQ5rl2mAUbIE"
    "nhzy1DZUXjTZdG6AoNM/xqRiEWjm0ADvtB782a25hlzcLebcjbgbYa9HmxIPFTIA3bOrwt+f0RSazqtjc5vxh6Iq"
    "ROIGPQKBgQCz2UAf1+CAGygVHw5pzZH8TaDDbzatPaQY4CG8iWURMTV5+sDqG5RS8x8FwymfyWp5bq/POdhjlJJA"
    "Xukx0L9qAjecbwhunUFRvQlSKtpE2pR8uFxBv930YXgOHt7vhZtGyhtGie6NNg3XEJo/pM7rWO9atf4vXy3FfDj3"
    "hD9yCQKBgBsjP6eia18kos9baBYCm1lfiXSN40OMqbva2zFsd60CQX5rdBaGM4FCGRFRRHDqsHpkTfNc6AwGmvgZ"
    "NCljRg4yR2Q3Q5hYVtwDe5SPqbsZP5h2Ridda8ckfDueVy0nt0j5kXysGSOslNuGcb0ChWCLXZXVChszuiGus0yo"
    "QFUV";
static const char rfc_7517_modulus[] =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_B"
    "JECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-"
    "65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdk"
    "t-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

static JwsKey *load(void)
{
    g_autoptr(GError) error = NULL;
    gsize size = 0;
    g_autofree guchar *der = g_base64_decode(rfc_7517_key, &size);
    JwsKey *key = jws_key_load(JWS_RS256, der, size, &error);

    g_assert_no_error(error);
    return key;
}

static void the_public_half_is_as_rfc_7517_prints_it(void)
{
    g_autoptr(JwsKey) key = load();

    g_assert_cmpstr(jws_key_public(key)->modulus, ==, rfc_7517_modulus);
    g_assert_cmpstr(jws_key_public(key)->exponent, ==, "AQAB");
}

static void the_thumbprint_is_as_rfc_7638_prints_it(void)
{
    g_autoptr(JwsKey) key = load();

    g_assert_cmpstr(jws_key_public(key)->id, ==, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

static void at_hash_is_as_openid_connect_core_prints_it(void)
{
    g_autofree char *hash = jws_half_hash(JWS_RS256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");

    g_assert_cmpstr(hash, ==, "77QmUPtjPfzWtF2AnpK9RQ");
    /* FIPS 180-4: SHA-512 of "abc" */
    g_autofree char *wide = jws_half_hash(JWS_EDDSA, "abc");
    g_assert_cmpstr(wide, ==, "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o");
}

static gnutls_datum_t decode(const char *text)
{
    g_autofree char *plain = g_strdup(text);
    gsize size = 0;

    g_strdelimit(g_strdelimit(plain, "-", '+'), "_", '/');
    g_autofree char *padded = g_strconcat(plain, &"==="[3 - (4 - strlen(plain) % 4) % 4], NULL);
    guchar *data = g_base64_decode(padded, &size);
    return (gnutls_datum_t){data, (unsigned)size};
}

/* By a public key that knows only what a JWK tells. */
static int verify(const char *modulus, const char *text, const char *signature)
{
    gnutls_pubkey_t key = NULL;
    gnutls_datum_t n = decode(modulus);
    gnutls_datum_t e = decode("AQAB");
    gnutls_datum_t sent = decode(signature);
    const gnutls_datum_t data = {(unsigned char *)text, (unsigned)strlen(text)};

    g_assert_cmpint(gnutls_pubkey_init(&key), ==, 0);
    g_assert_cmpint(gnutls_pubkey_import_rsa_raw(key, &n, &e), ==, 0);
    int result = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &sent);
    gnutls_pubkey_deinit(key);
    g_free(n.data);
    g_free(e.data);
    g_free(sent.data);
    return result;
}

static void a_signature_is_good_for_its_text_alone(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JwsKey) key = load();
    g_autofree char *signed_text = jws_sign(key, "JWT", "{\"sub\":\"a\"}", &error);

    g_assert_no_error(error);
    g_auto(GStrv) parts = g_strsplit(signed_text, ".", -1);
    g_assert_cmpuint(g_strv_length(parts), ==, 3);
    g_autofree char *text = g_strconcat(parts[0], ".", parts[1], NULL);
    g_assert_cmpint(verify(rfc_7517_modulus, text, parts[2]), >=, 0);
    text[strlen(text) - 1] ^= 1;
    g_assert_cmpint(verify(rfc_7517_modulus, text, parts[2]), <, 0);

    gnutls_datum_t header = decode(parts[0]);
    g_assert_cmpmem(
        header.data, header.size,
        "{\"alg\":\"RS256\",\"kid\":\"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\",\"typ\":"
        "\"JWT\"}",
        79);
    g_free(header.data);
}

static void a_new_key_is_another_and_loads(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) der = jws_key_make(JWS_RS256, &error);
    g_assert_no_error(error);
    g_autoptr(JwsKey) key =
        jws_key_load(JWS_RS256, g_bytes_get_data(der, NULL), g_bytes_get_size(der), &error);

    g_assert_no_error(error);
    gnutls_datum_t modulus = decode(jws_key_public(key)->modulus);
    g_assert_cmpuint(modulus.size, ==, 256);
    g_assert_cmpint(modulus.data[0], >=, 0x80);
    g_free(modulus.data);
    g_assert_cmpstr(jws_key_public(key)->modulus, !=, rfc_7517_modulus);
}

static JwsPublic *load_public(JwsAlg alg, const char *hex)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) spki = g_byte_array_new();

    for (; *hex; hex += 2) {
        guint8 byte = (guint8)(g_ascii_xdigit_value(hex[0]) * 16 + g_ascii_xdigit_value(hex[1]));
        g_byte_array_append(spki, &byte, 1);
    }
    JwsPublic *key = jws_public_load(alg, spki->data, spki->len, &error);
    g_assert_no_error(error);
    return key;
}

static void verifies(const JwsPublic *key, const char *token, const char *payload)
{
    g_autofree char *changed = g_strdup(token);
    g_autoptr(GBytes) found = jws_verify(key, token);

    g_assert_nonnull(found);
    g_assert_cmpmem(
        g_bytes_get_data(found, NULL), g_bytes_get_size(found), payload, strlen(payload));
    char *last = strchr(strchr(changed, '.') + 1, '.') - 2;
    *last = *last == 'A' ? 'B' : 'A';
    g_assert_null(jws_verify(key, changed));
    changed[strlen(changed) - 8] ^= 1;
    g_assert_null(jws_verify(key, changed));
    g_assert_null(jws_verify(key, payload));
    g_assert_null(jws_verify(key, ".."));
}

static void es256_is_verified_as_in_rfc_7515(void)
{
    g_autoptr(JwsPublic) key = load_public(
        JWS_ES256, "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                   "7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445"
                   "c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad");

    g_assert_cmpstr(key->x, ==, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    g_assert_cmpstr(key->y, ==, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    verifies(
        key,
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

static void eddsa_is_verified_and_named_as_in_rfc_8037(void)
{
    g_autoptr(JwsPublic) key = load_public(
        JWS_EDDSA, "302a300506032b6570032100"
                   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

    g_assert_cmpstr(key->x, ==, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    g_assert_null(key->y);
    g_assert_cmpstr(key->id, ==, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    verifies(
        key,
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        "Example of Ed25519 signing");
}

static JwsKey *make(JwsAlg alg)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) der = jws_key_make(alg, &error);
    g_assert_no_error(error);
    JwsKey *key = jws_key_load(alg, g_bytes_get_data(der, NULL), g_bytes_get_size(der), &error);

    g_assert_no_error(error);
    return key;
}

/* ECDSA's numbers are short once in 128 signatures. */
static void each_algorithm_verifies_what_it_signed_and_what_no_other_did(void)
{
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        g_autoptr(JwsKey) key = make((JwsAlg)alg);
        g_autoptr(JwsKey) other = make((JwsAlg)alg);
        for (guint i = 0; i < (alg == JWS_RS256 ? 2 : 400); i++) {
            g_autofree char *token = jws_sign(key, NULL, "{}", NULL);
            verifies(jws_key_public(key), token, "{}");
            g_assert_null(jws_verify(jws_key_public(other), token));
        }
    }
}

static void a_key_of_another_algorithm_is_refused(void)
{
    g_autoptr(JwsKey) key = make(JWS_ES256);
    GBytes *spki = jws_key_public(key)->spki;
    g_autoptr(GError) error = NULL;

    g_assert_null(
        jws_public_load(JWS_EDDSA, g_bytes_get_data(spki, NULL), g_bytes_get_size(spki), &error));
    g_assert_nonnull(error);
}

static void what_is_no_key_is_refused(void)
{
    gsize size = 0;
    g_autofree guchar *der = g_base64_decode(rfc_7517_key, &size);
    const gsize cuts[] = {0, 1, size / 2, size - 1};

    for (gsize i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(jws_key_load(JWS_RS256, der, cuts[i], &error));
        g_assert_nonnull(error);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/crypto/jws/" #promise, promise)
    TEST(the_public_half_is_as_rfc_7517_prints_it);
    TEST(the_thumbprint_is_as_rfc_7638_prints_it);
    TEST(at_hash_is_as_openid_connect_core_prints_it);
    TEST(a_signature_is_good_for_its_text_alone);
    TEST(es256_is_verified_as_in_rfc_7515);
    TEST(eddsa_is_verified_and_named_as_in_rfc_8037);
    TEST(each_algorithm_verifies_what_it_signed_and_what_no_other_did);
    TEST(a_key_of_another_algorithm_is_refused);
    TEST(a_new_key_is_another_and_loads);
    TEST(what_is_no_key_is_refused);
    return g_test_run();
}
