/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-metadata.c - what we say about ourselves is what is true */

#include "http/metadata.h"

#include "crypto/jws.h"

#include <jansson.h>
#include <string.h>

static json_t *metadata(void)
{
    const Tenant tenant = {.issuer = (char *)"https://id.example"};
    g_autofree char *text = metadata_json(&tenant);
    json_t *body = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    g_assert_nonnull(body);
    return body;
}

static const char *only(json_t *body, const char *name)
{
    json_t *array = json_object_get(body, name);
    g_assert_cmpuint(json_array_size(array), ==, 1);
    return json_string_value(json_array_get(array, 0));
}

static void every_endpoint_stands_under_the_issuer(void)
{
    json_t *body = metadata();
    const char *name;
    json_t *value;

    g_assert_cmpstr(
        json_string_value(json_object_get(body, "token_endpoint")), ==,
        "https://id.example/oauth/token");
    json_object_foreach(body, name, value)
    {
        if (g_str_has_suffix(name, "_endpoint") || strcmp(name, "jwks_uri") == 0) {
            g_assert_true(g_str_has_prefix(json_string_value(value), "https://id.example/oauth/"));
        }
    }
    json_decref(body);
}

static void only_the_code_flow_with_s256_and_public_clients_is_offered(void)
{
    json_t *body = metadata();

    g_assert_cmpstr(only(body, "response_types_supported"), ==, "code");
    g_assert_cmpstr(only(body, "code_challenge_methods_supported"), ==, "S256");
    g_assert_cmpstr(only(body, "token_endpoint_auth_methods_supported"), ==, "none");
    g_assert_cmpstr(only(body, "subject_types_supported"), ==, "pairwise");
    g_assert_true(
        json_is_true(json_object_get(body, "authorization_response_iss_parameter_supported")));
    /* Both would default to true or unclear where absent (OpenID Connect Discovery 3). */
    g_assert_true(json_is_false(json_object_get(body, "request_uri_parameter_supported")));
    g_assert_true(json_is_false(json_object_get(body, "request_parameter_supported")));
    json_decref(body);
}

/* RFC 7518 6.2.1, 6.3.1; RFC 8037 2: these members, and nothing private. */
static void the_jwks_holds_public_keys_alone(void)
{
    static const struct {
        JwsAlg alg;
        const char *names; /* beside use, alg and kid */
    } rows[] = {{JWS_RS256, "kty n e"}, {JWS_ES256, "kty crv x y"}, {JWS_EDDSA, "kty crv x"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) der = jws_key_make(rows[i].alg, NULL);
        g_autoptr(JwsKey) key =
            jws_key_load(rows[i].alg, g_bytes_get_data(der, NULL), g_bytes_get_size(der), NULL);
        g_autoptr(GPtrArray) keys = g_ptr_array_new();
        g_ptr_array_add(keys, (gpointer)jws_key_public(key));
        g_autofree char *text = metadata_jwks_json(keys);
        json_t *body = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        json_t *row = json_array_get(json_object_get(body, "keys"), 0);
        g_auto(GStrv) names = g_strsplit(rows[i].names, " ", -1);

        g_assert_cmpstr(
            json_string_value(json_object_get(row, "kid")), ==, jws_key_public(key)->id);
        for (char **name = names; *name; name++) {
            g_assert_true(json_is_string(json_object_get(row, *name)));
        }
        g_assert_cmpuint(json_object_size(row), ==, 3 + g_strv_length(names));
        json_decref(body);
    }
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/metadata/" #name, name)
    TEST(every_endpoint_stands_under_the_issuer);
    TEST(only_the_code_flow_with_s256_and_public_clients_is_offered);
    TEST(the_jwks_holds_public_keys_alone);
    return g_test_run();
}
