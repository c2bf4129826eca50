/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/authorization.h"

#include "base/text.h"
#include "crypto/seal.h"

#include <string.h>

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

#define SEALED_CHARS_MAX (16U * 1024)

void authorization_free(Authorization *authorization)
{
    record_free(&authorization_table, authorization);
}

/* Bound to the tenant and to this use of the key. */
static char *bound_make(const Txn *txn)
{
    return g_strconcat("antara authorization\n", txn_tenant(txn), NULL);
}

char *authorization_seal(Txn *txn, const Authorization *authorization)
{
    g_autoptr(GBytes) plain = record_encode(&authorization_table, authorization);
    g_autofree char *bound = bound_make(txn);
    gsize size = 0;
    const void *data = g_bytes_get_data(plain, &size);
    g_autofree guint8 *sealed = g_malloc(size + SEAL_OVERHEAD);

    seal_close(txn_key(txn, KEY_FORM), bound, strlen(bound), data, size, sealed);
    return base64url_encode(sealed, size + SEAL_OVERHEAD);
}

static GBytes *unseal(Txn *txn, const char *text)
{
    gsize chars = text ? strlen(text) : 0;
    g_autofree char *bound = bound_make(txn);
    g_autofree guint8 *sealed = g_malloc(chars + 1);
    gsize size = 0;

    if (chars == 0 || chars > SEALED_CHARS_MAX ||
        !base64url_decode(text, chars, sealed, chars, &size) || size < SEAL_OVERHEAD) {
        return NULL;
    }
    guint8 *plain = g_malloc(size);
    if (!seal_open(txn_key(txn, KEY_FORM), bound, strlen(bound), sealed, size, plain)) {
        g_free(plain);
        return NULL;
    }
    return g_bytes_new_take(plain, size - SEAL_OVERHEAD);
}

Authorization *authorization_unseal(Txn *txn, const char *sealed)
{
    g_autoptr(GBytes) plain = unseal(txn, sealed);
    g_autoptr(Authorization) authorization =
        plain ? record_decode(&authorization_table, plain, NULL) : NULL;

    if (!authorization || txn_now(txn) >= authorization->born_usec + AUTHORIZATION_LIFE_USEC) {
        return NULL;
    }
    return g_steal_pointer(&authorization);
}
