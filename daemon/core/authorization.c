/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/authorization.h"

#include "core/sealed.h"

static const RecordField authorization_fields[] = {
    {.number = 1, "app", FIELD_ID, offsetof(Authorization, app)},
    {.number = 2, "redirect_uri", FIELD_TEXT, offsetof(Authorization, redirect_uri)},
    {.number = 3, "scopes", FIELD_TEXTS, offsetof(Authorization, scopes)},
    {.number = 4, "state", FIELD_TEXT, offsetof(Authorization, state)},
    {.number = 5, "has_state", FIELD_BOOL, offsetof(Authorization, has_state)},
    {.number = 6, "nonce", FIELD_TEXT, offsetof(Authorization, nonce)},
    {.number = 7, "challenge", FIELD_TEXT, offsetof(Authorization, challenge)},
    {.number = 8, "prompt", FIELD_U32, offsetof(Authorization, prompt)},
    {.number = 9, "max_age", FIELD_I64, offsetof(Authorization, max_age)},
    {.number = 10, "login_hint", FIELD_TEXT, offsetof(Authorization, login_hint)},
    {.number = 11, "born_usec", FIELD_I64, offsetof(Authorization, born_usec)},
    {.number = 12, "form_post", FIELD_BOOL, offsetof(Authorization, form_post)},
    {.number = 13, "hinted", FIELD_ID, offsetof(Authorization, hinted)},
    {.number = 14, "resources", FIELD_TEXTS, offsetof(Authorization, resources)},
    {.number = 15, "pushed", FIELD_ID, offsetof(Authorization, pushed)},
    {.number = 0},
};

const RecordTable authorization_table = {
    .name = "authorization",
    .kind = 0,
    .size = sizeof(Authorization),
    .fields = authorization_fields};

void authorization_free(Authorization *authorization)
{
    record_free(&authorization_table, authorization);
}

char *authorization_seal(Txn *txn, const Authorization *authorization)
{
    return record_seal(txn, &authorization_table, authorization);
}

Authorization *authorization_unseal(Txn *txn, const char *sealed)
{
    g_autoptr(Authorization) authorization = record_unseal(txn, &authorization_table, sealed);

    if (!authorization || txn_now(txn) >= authorization->born_usec + AUTHORIZATION_LIFE_USEC) {
        return NULL;
    }
    return g_steal_pointer(&authorization);
}
