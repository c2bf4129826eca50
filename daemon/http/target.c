/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/target.h"

#include <arpa/inet.h>
#include <libsoup/soup.h>
#include <string.h>

#define HOST_BYTES_MAX 300U /* a name of 255, a port */

/* Each % begins an octet; a fragment is never sent. */
static gboolean path_is_sound(const guint8 *path, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (path[i] == '#') {
            return FALSE;
        }
        if (path[i] == '%' && (i + 2 >= size || !g_ascii_isxdigit((char)path[i + 1]) ||
                               !g_ascii_isxdigit((char)path[i + 2]))) {
            return FALSE;
        }
    }
    return TRUE;
}

static gsize scheme_size(const char *target, gsize size)
{
    static const char scheme[] = "http://";
    gsize chars = sizeof(scheme) - 1;

    return size > chars && g_ascii_strncasecmp(target, scheme, chars) == 0 ? chars : 0;
}

gboolean target_is_sound(const guint8 *target, gsize size)
{
    if (size > 0 && *target == '/') {
        return path_is_sound(target, size);
    }
    gsize scheme = scheme_size((const char *)target, size);
    const guint8 *host = target + scheme;
    const guint8 *path = scheme ? memchr(host, '/', size - scheme) : NULL;
    return path && target_host_is_sound(host, (gsize)(path - host)) &&
           path_is_sound(path, size - (gsize)(path - target));
}

char *target_path(const guint8 *target, gsize size)
{
    const char *begin = *target == '/' ? "http://h" : "";
    g_autofree char *text = g_strdup_printf("%s%.*s", begin, (int)size, (const char *)target);
    g_autoptr(GUri) uri = g_uri_parse(text, SOUP_HTTP_URI_FLAGS, NULL);

    return g_strdup(uri ? g_uri_get_path(uri) : "");
}

static gboolean port_is_sound(const char *port)
{
    return *port == '\0' ||
           (*port == ':' && g_ascii_string_to_unsigned(port + 1, 10, 0, G_MAXUINT16, NULL, NULL));
}

gboolean target_host_is_sound(const guint8 *host, gsize size)
{
    if (size == 0 || size > HOST_BYTES_MAX || memchr(host, '\0', size)) {
        return FALSE;
    }
    g_autofree char *text = g_strndup((const char *)host, size);
    char *end = *text == '[' ? strchr(text, ']') : NULL;
    if (end) {
        guint8 bytes[16];
        *end = '\0';
        return inet_pton(AF_INET6, text + 1, bytes) == 1 && port_is_sound(end + 1);
    }
    gsize chars = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
    return chars > 0 && port_is_sound(text + chars);
}
