/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/scope.h"

#include <string.h>

static const char *const known[] = {"openid",           "profile.basic", "offline_access",
                                    "identity.read",    "messages.send", "hooks.manage",
                                    "token.introspect", "trust.read",    NULL};
static const char *const of_backends[] = {
    "identity.read",
    "messages.send",
    "profile.basic",
    "hooks.manage",
    "token.introspect",
    "trust.read",
    NULL};
static const char *const empty_ones[] = {"profile", "email", "address", "phone", NULL};

gboolean scope_has(const char *const *scopes, const char *scope)
{
    return g_strv_contains(scopes, scope);
}

gboolean scope_is_known(const char *scope)
{
    return scope_has(known, scope);
}

gboolean scope_is_of_backends(const char *scope)
{
    return scope_has(of_backends, scope);
}

/* RFC 6749 A.4: NQCHAR but the quote and the backslash */
static gboolean is_scope_token(const char *scope)
{
    for (const char *c = scope; *c; c++) {
        if (*c < 0x21 || *c > 0x7e || *c == '"' || *c == '\\') {
            return FALSE;
        }
    }
    return *scope && strlen(scope) <= SCOPE_BYTES_MAX;
}

gboolean scope_parse(const char *text, char ***ret_scopes)
{
    g_auto(GStrv) words = g_strsplit(text ? text : "", " ", SCOPES_MAX + 2);
    g_autoptr(GPtrArray) scopes = g_ptr_array_new_with_free_func(g_free);

    for (char **word = words; *word; word++) {
        if (!**word) {
            continue;
        }
        if (!is_scope_token(*word) || scopes->len == SCOPES_MAX) {
            return FALSE;
        }
        if (!scope_has(empty_ones, *word) &&
            !g_ptr_array_find_with_equal_func(scopes, *word, g_str_equal, NULL)) {
            g_ptr_array_add(scopes, g_strdup(*word));
        }
    }
    g_ptr_array_add(scopes, NULL);
    *ret_scopes = (char **)g_ptr_array_free(g_steal_pointer(&scopes), FALSE);
    return TRUE;
}

char *scope_text(const char *const *scopes)
{
    return g_strjoinv(" ", (char **)scopes);
}

gboolean scope_within(const char *const *some, const char *const *all)
{
    for (; *some; some++) {
        if (!scope_has(all, *some)) {
            return FALSE;
        }
    }
    return TRUE;
}

char **scope_join(const char *const *a, const char *const *b)
{
    g_autoptr(GStrvBuilder) joined = g_strv_builder_new();

    g_strv_builder_addv(joined, (const char **)a);
    for (; *b; b++) {
        if (!scope_has(a, *b)) {
            g_strv_builder_add(joined, *b);
        }
    }
    return g_strv_builder_end(joined);
}
