/* SPDX-License-Identifier: GPL-3.0-or-later */

/* metadata.c - two tables and the keys */

#include "http/metadata.h"

#include "http/id-token.h"

#include <jansson.h>

static const struct Endpoint {
    const char *name, *path;
} endpoints[] = {
    {"authorization_endpoint", "/oauth/authorize"},
    {"token_endpoint", "/oauth/token"},
    {"userinfo_endpoint", "/oauth/userinfo"},
    {"revocation_endpoint", "/oauth/revoke"},
    {"device_authorization_endpoint", "/oauth/device"},
    {"jwks_uri", "/oauth/jwks"},
    {"introspection_endpoint", "/oauth/introspect"},
    {"pushed_authorization_request_endpoint", "/oauth/par"},
    {"end_session_endpoint", "/oauth/logout"},
};

/* Where the tenant lets apps register themselves. */
static const struct Endpoint registration = {"registration_endpoint", "/oauth/register"};

static const struct Supported {
    const char *name, *values; /* values apart by one space */
} supported[] = {
    {"response_types_supported", "code"},
    {"response_modes_supported", "query form_post"},
    {"grant_types_supported",
     "authorization_code refresh_token urn:ietf:params:oauth:grant-type:device_code "
     "urn:ietf:params:oauth:grant-type:token-exchange"},
    {"code_challenge_methods_supported", "S256"},
    {"token_endpoint_auth_methods_supported", "none"},
    {"revocation_endpoint_auth_methods_supported", "none"},
    {"introspection_endpoint_auth_methods_supported", "Bearer"},
    {"subject_types_supported", "pairwise"},
    {"id_token_signing_alg_values_supported", "RS256 ES256 EdDSA"},
    {"scopes_supported", "openid profile.basic offline_access"},
    {"claims_supported", "iss sub aud exp iat nonce acr amr sid at_hash auth_time"},
    {"acr_values_supported", ID_TOKEN_ACR},
    {"prompt_values_supported", "none login consent select_account"},
};

static json_t *words_json(const char *words)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    json_t *array = json_array();

    for (gsize i = 0; list[i] != NULL; i++) {
        json_array_append_new(array, json_string(list[i]));
    }
    return array;
}

static char *dump(json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

static void set_endpoint(json_t *body, const Tenant *tenant, const struct Endpoint *endpoint)
{
    g_autofree char *url = g_strconcat(tenant->issuer, endpoint->path, NULL);
    json_object_set_new(body, endpoint->name, json_string(url));
}

char *metadata_json(const Tenant *tenant)
{
    json_t *body = json_pack(
        "{s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "issuer", tenant->issuer,
        "authorization_response_iss_parameter_supported", TRUE, "request_parameter_supported",
        FALSE, "request_uri_parameter_supported", FALSE, "claims_parameter_supported", FALSE,
        "require_pushed_authorization_requests", FALSE, "backchannel_logout_supported", TRUE,
        "backchannel_logout_session_supported", TRUE);

    g_assert(body != NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(endpoints); i++) {
        set_endpoint(body, tenant, &endpoints[i]);
    }
    if (tenant->registration_open) {
        set_endpoint(body, tenant, &registration);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(supported); i++) {
        json_object_set_new(body, supported[i].name, words_json(supported[i].values));
    }
    return dump(body);
}

static json_t *jwk_json(const JwsPublic *key)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s*}", "kty", key->type, "use", "sig", "alg",
        jws_alg_name(key->alg), "kid", key->id, "crv", key->curve, "n", key->modulus, "e",
        key->exponent, "x", key->x, "y", key->y);
}

char *metadata_jwks_json(const GPtrArray *keys)
{
    json_t *rows = json_array();

    for (guint i = 0; i < keys->len; i++) {
        json_t *row = jwk_json(keys->pdata[i]);
        g_assert(row != NULL);
        json_array_append_new(rows, row);
    }
    return dump(json_pack("{s:o}", "keys", rows));
}
