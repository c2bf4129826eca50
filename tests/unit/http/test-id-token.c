/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-id-token.c - an ID token holds what it must, and nothing about the person */

#include "http/id-token.h"

#include "base/clock.h"

#include <jansson.h>
#include <string.h>

#define NOW (G_GINT64_CONSTANT(1700000000) * USEC_PER_SEC)

static TokenAnswer answer(void)
{
    return (TokenAnswer){
        .access_token = (char *)"uat_x",
        .client_id = (char *)"app",
        .subject = (char *)"slug",
        .sid = (char *)"sid",
        .now_usec = NOW,
    };
}

static json_t *claims_of(const TokenAnswer *given)
{
    g_autofree char *text = id_token_claims("https://id.example", given);
    json_t *claims = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    g_assert_nonnull(claims);
    return claims;
}

static const char *text_of(json_t *claims, const char *name)
{
    return json_string_value(json_object_get(claims, name));
}

static void the_claims_are_these_and_no_others(void)
{
    const TokenAnswer given = answer();
    g_autofree char *at_hash = jws_half_hash(JWS_RS256, "uat_x");
    json_t *claims = claims_of(&given);

    g_assert_cmpstr(text_of(claims, "iss"), ==, "https://id.example");
    g_assert_cmpstr(text_of(claims, "sub"), ==, "slug");
    g_assert_cmpstr(text_of(claims, "aud"), ==, "app");
    g_assert_cmpstr(text_of(claims, "acr"), ==, "urn:antara:mail");
    g_assert_cmpstr(text_of(claims, "sid"), ==, "sid");
    g_assert_cmpstr(text_of(claims, "at_hash"), ==, at_hash);
    g_assert_cmpint(json_integer_value(json_object_get(claims, "iat")), ==, 1700000000);
    g_assert_cmpint(json_integer_value(json_object_get(claims, "exp")), ==, 1700000300);
    json_t *amr = json_object_get(claims, "amr");
    g_assert_cmpuint(json_array_size(amr), ==, 1);
    g_assert_cmpstr(json_string_value(json_array_get(amr, 0)), ==, "otp");
    g_assert_cmpuint(json_object_size(claims), ==, 9);
    json_decref(claims);
}

static void nonce_and_auth_time_come_only_when_asked(void)
{
    TokenAnswer given = answer();
    given.nonce = (char *)"n\"1";
    given.auth_usec = NOW - USEC_PER_MINUTE;
    json_t *claims = claims_of(&given);

    g_assert_cmpstr(text_of(claims, "nonce"), ==, "n\"1");
    g_assert_cmpint(json_integer_value(json_object_get(claims, "auth_time")), ==, 1699999940);
    g_assert_cmpuint(json_object_size(claims), ==, 11);
    json_decref(claims);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/id-token/" #name, name)
    TEST(the_claims_are_these_and_no_others);
    TEST(nonce_and_auth_time_come_only_when_asked);
    return g_test_run();
}
