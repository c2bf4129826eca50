/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/address.h"

#include "base/text.h"

#include <idn2.h>
#include <string.h>

#define LOCAL_BYTES_MAX 64U             /* RFC 5321 4.5.3.1.1 */
#define TYPED_BYTES_MAX 1024U           /* longer is not even looked at */
#define SPECIALS        "()<>[]:;\\,\"" /* RFC 5322 3.2.3; quoted local parts are not taken */

#define LABEL_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-."

static gboolean labels_are_mixed(const char *domain)
{
    g_auto(GStrv) labels = g_strsplit(domain, ".", -1);

    for (char **label = labels; *label; label++) {
        if (text_mixes_scripts(*label)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* A dot-atom of RFC 5322, with what RFC 6531 adds. */
static gboolean local_is_sound(const char *local)
{
    gsize size = strlen(local);

    if (size < 1 || size > LOCAL_BYTES_MAX || local[0] == '.' || local[size - 1] == '.' ||
        strstr(local, "..") || strpbrk(local, SPECIALS) || text_mixes_scripts(local)) {
        return FALSE;
    }
    for (const char *at = local; *at; at = g_utf8_next_char(at)) {
        if (g_unichar_isspace(g_utf8_get_char(at))) {
            return FALSE;
        }
    }
    return TRUE;
}

/* (transfer full): the domain as A-labels, or NULL. */
static char *domain_to_labels(const char *domain)
{
    char *labels = NULL;

    g_autofree char *unicode = g_utf8_normalize(domain, -1, G_NORMALIZE_NFC);
    g_autofree char *lower = g_utf8_strdown(unicode, -1);
    if (!strchr(lower, '.') || lower[strlen(lower) - 1] == '.' || lower[0] == '[') {
        return NULL;
    }
    /* A-labels are opened first: else two scripts could hide behind "xn--" */
    char *shown = NULL;
    if (idn2_to_unicode_8z8z(lower, &shown, IDN2_NFC_INPUT) != IDN2_OK) {
        return NULL;
    }
    gboolean mixed = labels_are_mixed(shown);
    int r = mixed ? IDN2_DISALLOWED
                  : idn2_lookup_u8(
                        (const guint8 *)shown, (guint8 **)&labels,
                        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    idn2_free(shown);
    if (r != IDN2_OK) {
        return NULL;
    }
    g_autofree char *copy = g_ascii_strdown(labels, -1);
    idn2_free(labels);
    return strspn(copy, LABEL_CHARS) == strlen(copy) ? g_steal_pointer(&copy) : NULL;
}

gboolean address_normalise(const char *typed, char **ret_mail, char **ret_lookup)
{
    if (!typed || strlen(typed) > TYPED_BYTES_MAX || !text_is_plain(typed)) {
        return FALSE;
    }
    g_autofree char *bare = g_strstrip(g_strdup(typed));
    char *at = strchr(bare, '@');
    if (!at || strchr(at + 1, '@')) {
        return FALSE;
    }
    *at = '\0';
    g_autofree char *local = g_utf8_normalize(bare, -1, G_NORMALIZE_NFC);
    g_autofree char *domain = domain_to_labels(at + 1);
    if (!domain || !local_is_sound(local)) {
        return FALSE;
    }
    g_autofree char *mail = g_strconcat(local, "@", domain, NULL);
    if (strlen(mail) > ADDRESS_BYTES_MAX) {
        return FALSE;
    }
    *ret_lookup = g_ascii_strdown(mail, -1); /* leaves what is not ASCII alone */
    *ret_mail = g_steal_pointer(&mail);
    return TRUE;
}
