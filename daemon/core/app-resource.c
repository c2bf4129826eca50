/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app-resource.h"

#include "crypto/digest.h"

#include <string.h>

static gboolean owner_find(Txn *txn, const char *resource, Id *ret_owner, GError **error)
{
    guint8 digest[SHA256_BYTES];
    g_autoptr(GBytes) found = NULL;

    sha256(resource, strlen(resource), digest);
    if (!txn_get(txn, KIND_RESOURCE, digest, sizeof(digest), &found, error)) {
        return FALSE;
    }
    *ret_owner = ID_NONE;
    if (found) {
        g_assert(g_bytes_get_size(found) == ID_BYTES);
        memcpy(ret_owner->bytes, g_bytes_get_data(found, NULL), ID_BYTES);
    }
    return TRUE;
}

/* @owner NULL: nobody's. */
static gboolean owner_set(Txn *txn, const char *resource, const Id *owner, GError **error)
{
    guint8 digest[SHA256_BYTES];

    sha256(resource, strlen(resource), digest);
    if (!owner) {
        return txn_delete(txn, KIND_RESOURCE, digest, sizeof(digest), error);
    }
    g_autoptr(GBytes) value = g_bytes_new(owner->bytes, ID_BYTES);
    return txn_put(txn, KIND_RESOURCE, digest, sizeof(digest), value, 0, error);
}

gboolean app_resources_claim(
    Txn *txn,
    const App *app,
    const char *const *resources,
    gboolean *ret_taken,
    GError **error)
{
    for (const char *const *uri = resources; *uri; uri++) {
        Id owner;
        if (!owner_find(txn, *uri, &owner, error)) {
            return FALSE;
        }
        *ret_taken = !id_is_none(&owner) && !id_equal(&owner, &app->id);
        if (*ret_taken) {
            return TRUE;
        }
    }
    if (!app_resources_release(txn, app, error)) {
        return FALSE;
    }
    for (const char *const *uri = resources; *uri; uri++) {
        if (!owner_set(txn, *uri, &app->id, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean app_resources_release(Txn *txn, const App *app, GError **error)
{
    for (char **uri = app->resources; uri && *uri; uri++) {
        if (!owner_set(txn, *uri, NULL, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean app_has_resources(const App *app, const char *const *resources)
{
    for (; resources && *resources; resources++) {
        if (!app->resources || !g_strv_contains((const char *const *)app->resources, *resources)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean app_resource_choose(
    const App *app,
    const char *const *granted,
    const char *const *asked,
    const char **ret_resource)
{
    const gboolean is_bound = granted && *granted;

    if (!asked || !*asked) {
        *ret_resource = is_bound ? *granted : NULL;
        return !is_bound || !granted[1];
    }
    *ret_resource = *asked;
    return !asked[1] && app_has_resources(app, asked) &&
           (!is_bound || g_strv_contains(granted, *asked));
}
