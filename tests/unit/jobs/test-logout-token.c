/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-logout-token.c - a logout token holds what OpenID Connect Back-Channel Logout 2.4 wants, and
 * nothing else */

#include "jobs/logout-token.h"

#include "base/clock.h"
#include "core/id-token-hint.h"

#include "../core/house.h"

#include <jansson.h>

#define NOW    (G_GINT64_CONSTANT(1700000000) * USEC_PER_SEC)
#define ISSUER "https://id.example"

static OutboxEntry entry_of(JwsAlg alg)
{
    return (OutboxEntry){
        .kind = OUTBOX_LOGOUT,
        .client_id = (char *)"appappappappappappappa",
        .subject = (char *)"slugslugslugslugslugsA",
        .sid = (char *)"sidsidsidsidsidsidsidA",
        .alg = alg,
    };
}

static SigningKeys *keys_of(House *house)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    SigningKeys *keys = signing_keys_load(txn, NULL);

    g_assert_nonnull(keys);
    return keys;
}

static json_t *read_part(GBytes *bytes)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    json_t *object = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);

    g_assert_nonnull(object);
    return object;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void the_claims_are_these_and_no_others(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(SigningKeys) keys = keys_of(house);

    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        const OutboxEntry entry = entry_of((JwsAlg)alg);
        g_autofree char *token = logout_token_make(keys, ISSUER, &entry, NOW, NULL);
        g_autoptr(GBytes) head = jws_decode_header(token);
        json_t *header = read_part(head);
        const JwsPublic *key = jws_key_public(signing_keys_current(keys, (JwsAlg)alg));
        g_assert_cmpstr(text_of(header, "typ"), ==, "logout+jwt");
        g_assert_cmpstr(text_of(header, "alg"), ==, jws_alg_name((JwsAlg)alg));
        g_autoptr(GBytes) payload = jws_verify(key, token);
        g_assert_nonnull(payload);
        json_t *claims = read_part(payload);
        g_assert_cmpuint(json_object_size(claims), ==, 8);
        g_assert_cmpstr(text_of(claims, "iss"), ==, ISSUER);
        g_assert_cmpstr(text_of(claims, "aud"), ==, entry.client_id);
        g_assert_cmpstr(text_of(claims, "sub"), ==, entry.subject);
        g_assert_cmpstr(text_of(claims, "sid"), ==, entry.sid);
        g_assert_nonnull(text_of(claims, "jti"));
        g_assert_cmpint(json_integer_value(json_object_get(claims, "iat")), ==, NOW / USEC_PER_SEC);
        g_assert_cmpint(
            json_integer_value(json_object_get(claims, "exp")), ==, NOW / USEC_PER_SEC + 120);
        json_t *event = json_object_get(
            json_object_get(claims, "events"),
            "http://schemas.openid.net/event/backchannel-logout");
        g_assert_true(json_is_object(event) && json_object_size(event) == 0);
        json_decref(claims);
        json_decref(header);
    }
}

static void each_is_another_token(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(SigningKeys) keys = keys_of(house);
    const OutboxEntry entry = entry_of(JWS_EDDSA); /* whose signatures don't differ by themselves */
    g_autofree char *first = logout_token_make(keys, ISSUER, &entry, NOW, NULL);
    g_autofree char *second = logout_token_make(keys, ISSUER, &entry, NOW, NULL);

    g_assert_cmpstr(first, !=, second);
}

static void O18_it_is_no_id_token_hint(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(SigningKeys) keys = keys_of(house);
    const OutboxEntry entry = entry_of(JWS_RS256);
    g_autofree char *token = logout_token_make(keys, ISSUER, &entry, NOW, NULL);
    IdTokenHint hint;

    g_assert_false(id_token_hint_read(keys, ISSUER, token, &hint));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/jobs/logout-token/" #name, name)
    TEST(the_claims_are_these_and_no_others);
    TEST(each_is_another_token);
    TEST(O18_it_is_no_id_token_hint);
    return g_test_run();
}
