/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/hint.h"

const IdTokenHint *hint_read(Exchange *exchange, const char *text)
{
    const Tenant *tenant = exchange_tenant(exchange);
    const SigningKeys *keys = runner_signing_keys(exchange_runner(exchange), tenant, NULL);
    IdTokenHint hint;

    if (keys == NULL || !id_token_hint_read(keys, tenant->issuer, text, &hint)) {
        return NULL;
    }
    return (gpointer)exchange_keep(exchange, g_memdup2(&hint, sizeof(hint)));
}
