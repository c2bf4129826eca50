/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/id-token-hint.h"

#include "house.h"

#define ISSUER "https://id.acme.example"
#define SLUG   "AAAAAAAAAAAAAAAAAAAAAA"
#define CLIENT "BBBBBBBBBBBBBBBBBBBBBA"
#define WHOLE  "\"sub\":\"" SLUG "\",\"aud\":\"" CLIENT "\",\"sid\":\"CC\""

static SigningKeys *keys_of(House *house, const Tenant *tenant)
{
    g_autoptr(Txn) txn = house_begin(house, tenant);
    SigningKeys *keys = signing_keys_load(txn, NULL);

    g_assert_nonnull(keys);
    return keys;
}

static gboolean is_good(
    const SigningKeys *keys,
    JwsAlg alg,
    const char *type,
    const char *claims,
    IdTokenHint *hint)
{
    g_autofree char *text = jws_sign(signing_keys_current(keys, alg), type, claims, NULL);

    return id_token_hint_read(keys, ISSUER, text, hint);
}

static void it_says_whose_and_which_even_when_it_has_expired(void)
{
    static const char claims[] = "{\"iss\":\"" ISSUER "\",\"exp\":1,\"iat\":0," WHOLE "}";
    g_autoptr(House) house = house_new();
    g_autoptr(SigningKeys) keys = keys_of(house, house->tenant);
    Id slug;

    g_assert_true(id_from_text(SLUG, &slug));
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        IdTokenHint hint;
        g_assert_true(is_good(keys, (JwsAlg)alg, "JWT", claims, &hint));
        g_assert_true(id_equal(&hint.subject, &slug));
        g_assert_cmpstr(hint.client_id, ==, CLIENT);
        g_assert_cmpstr(hint.sid, ==, "CC");
    }
}

static void without_a_sid_it_is_a_hint_too(void)
{
    static const char claims[] =
        "{\"iss\":\"" ISSUER "\",\"sub\":\"" SLUG "\",\"aud\":\"" CLIENT "\"}";
    g_autoptr(House) house = house_new();
    g_autoptr(SigningKeys) keys = keys_of(house, house->tenant);
    IdTokenHint hint;

    g_assert_true(is_good(keys, JWS_ES256, "JWT", claims, &hint));
    g_assert_cmpstr(hint.sid, ==, "");
}

static void o18_what_we_did_not_sign_as_an_id_token_is_none(void)
{
    static const char good[] = "{\"iss\":\"" ISSUER "\"," WHOLE "}";
    static const struct {
        const char *type, *claims;
    } rows[] = {
        {"logout+jwt", good},
        {"jwt", good},
        {NULL, good},
        {"JWT", "{\"iss\":\"https://id.other.example\"," WHOLE "}"},
        {"JWT", "{" WHOLE "}"},
        {"JWT", "{\"iss\":\"" ISSUER "\",\"sub\":\"alice\",\"aud\":\"" CLIENT "\"}"},
        {"JWT", "{\"iss\":\"" ISSUER "\",\"sub\":\"" SLUG "\"}"},
        {"JWT", "{\"iss\":\"" ISSUER "\",\"sub\":\"" SLUG "\",\"aud\":[\"" CLIENT "\"]}"},
        {"JWT", "{\"iss\":\"" ISSUER "\",\"sub\":\"" SLUG "\",\"aud\":\"" CLIENT "x\"}"},
        {"JWT", "[]"},
        {"JWT", ""},
    };
    g_autoptr(House) house = house_new();
    g_autoptr(SigningKeys) keys = keys_of(house, house->tenant);
    g_autoptr(SigningKeys) others = keys_of(house, house->other);
    IdTokenHint hint = {.sid = "untouched"};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_false(is_good(keys, JWS_EDDSA, rows[i].type, rows[i].claims, &hint));
    }
    g_autofree char *foreign = jws_sign(signing_keys_current(others, JWS_EDDSA), "JWT", good, NULL);
    g_assert_false(id_token_hint_read(keys, ISSUER, foreign, &hint));
    g_assert_cmpstr(hint.sid, ==, "untouched");
    g_assert_true(is_good(keys, JWS_EDDSA, "JWT", good, &hint));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/id-token-hint/" #promise, promise)
    TEST(it_says_whose_and_which_even_when_it_has_expired);
    TEST(without_a_sid_it_is_a_hint_too);
    TEST(o18_what_we_did_not_sign_as_an_id_token_is_none);
    return g_test_run();
}
