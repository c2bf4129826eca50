/* SPDX-License-Identifier: GPL-3.0-or-later */

/* discovery.c - where the metadata and the keys are read */

#include "http/metadata.h"
#include "http/route.h"
#include "http/security-text.h"

static void discovery_get(Exchange *exchange)
{
    exchange_reply_json(exchange, 200, metadata_json(exchange_tenant(exchange)));
}

static void jwks_get(Exchange *exchange)
{
    g_autoptr(GError) error = NULL;
    const SigningKeys *keys =
        runner_signing_keys(exchange_runner(exchange), exchange_tenant(exchange), &error);

    if (keys == NULL) {
        exchange_reply_oauth_error(exchange, REASON_NONE, "the keys can't be read now");
        return;
    }
    g_autoptr(GPtrArray) published = signing_keys_published(keys, g_get_real_time());
    exchange_reply_json(exchange, 200, metadata_jwks_json(published));
}

const Route discovery_routes[] = {
    {"/.well-known/openid-configuration", VERB_GET, FACE_SHARED, CALLER_NONE, 0, discovery_get},
    {"/.well-known/oauth-authorization-server", VERB_GET, FACE_SHARED, CALLER_NONE, 0,
     discovery_get},
    {"/oauth/jwks", VERB_GET, FACE_SHARED, CALLER_NONE, 0, jwks_get},
    {SECURITY_TEXT_PATH, VERB_GET, FACE_API, CALLER_NONE, 0, security_text_get},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
