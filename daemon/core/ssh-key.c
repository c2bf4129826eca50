/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/ssh-key.h"

#include <string.h>

#define METHOD       "publickey "
#define LENGTH_BYTES 4U

static gboolean is_known_type(const char *type)
{
    static const char *const types[] = {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        NULL};

    return g_strv_contains(types, type);
}

/* A key begins with its type again, as a string of RFC 4251 5. */
static gboolean is_of_type(const guint8 *key, gsize size, const char *type)
{
    const gsize chars = strlen(type);

    return size > LENGTH_BYTES + chars && key[0] == 0 && key[1] == 0 && key[2] == 0 &&
           key[3] == chars && memcmp(key + LENGTH_BYTES, type, chars) == 0;
}

/* GLib passes over what is no base64, so only what it would write itself is taken. */
static gboolean read_base64(const char *text, const char *type, guint8 ret_key[SHA256_BYTES])
{
    gsize size = 0;
    g_autofree guint8 *key = g_base64_decode(text, &size);
    g_autofree char *again = g_base64_encode(key, size);

    if (!g_str_equal(again, text) || !is_of_type(key, size, type)) {
        return FALSE;
    }
    sha256(key, size, ret_key);
    return TRUE;
}

gboolean ssh_key_read(const char *auth_info, guint8 ret_key[SHA256_BYTES])
{
    if (!auth_info || strlen(auth_info) > SSH_AUTH_INFO_BYTES_MAX ||
        !g_str_has_prefix(auth_info, METHOD)) {
        return FALSE;
    }
    g_autofree char *line = g_strdup(auth_info);
    const gsize chars = strlen(line);
    if (line[chars - 1] == '\n') {
        line[chars - 1] = '\0';
    }
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    return g_strv_length(words) == 3 && is_known_type(words[1]) &&
           read_base64(words[2], words[1], ret_key);
}

char *ssh_key_show(const guint8 key[SHA256_BYTES])
{
    g_autofree char *text = g_base64_encode(key, SHA256_BYTES);

    *strchrnul(text, '=') = '\0';
    return g_strconcat("SHA256:", text, NULL);
}
