/* SPDX-License-Identifier: GPL-3.0-or-later */

/* redirect.c - the URI itself is never parsed and put together again: it was compared byte for byte
 */

#include "http/redirect.h"

#include <string.h>

char *redirect_uri_with(const char *uri, const RedirectParameter *parameters)
{
    GString *location = g_string_new(uri);
    const char *query = strchr(uri, '?');
    const char *joint = query == NULL                                    ? "?"
                        : query[1] == '\0' || g_str_has_suffix(uri, "&") ? ""
                                                                         : "&";

    for (gsize i = 0; parameters[i].name != NULL; i++) {
        if (parameters[i].value == NULL) {
            continue;
        }
        g_autofree char *value = g_uri_escape_string(parameters[i].value, NULL, FALSE);
        g_string_append_printf(location, "%s%s=%s", joint, parameters[i].name, value);
        joint = "&";
    }
    return g_string_free(location, FALSE);
}
