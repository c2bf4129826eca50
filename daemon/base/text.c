/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/text.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64url_encode(const void *data, gsize size)
{
    const guint8 *bytes = data;
    char *text = g_malloc(size / 3 * 4 + 5);
    gsize chars = 0;
    guint32 bits = 0;
    guint n_bits = 0;

    for (gsize i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        n_bits += 8;
        while (n_bits >= 6) {
            n_bits -= 6;
            text[chars++] = alphabet[bits >> n_bits & 63];
        }
    }
    if (n_bits) {
        text[chars++] = alphabet[bits << (6 - n_bits) & 63];
    }
    text[chars] = '\0';
    return text;
}

/* The place of @c in the alphabet; -1: it is not there. */
static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

gboolean
base64url_decode(const char *text, gsize chars, void *ret_data, gsize size_max, gsize *ret_size)
{
    guint8 *bytes = ret_data;
    guint32 bits = 0;
    guint n_bits = 0;
    gsize size = 0;

    for (gsize i = 0; i < chars; i++) {
        int value = sextet(text[i]);
        if (value < 0) {
            return FALSE;
        }
        bits = (bits << 6 | (guint32)value) & 0xffff;
        n_bits += 6;
        if (n_bits >= 8) {
            if (size == size_max) {
                return FALSE;
            }
            n_bits -= 8;
            bytes[size++] = (guint8)(bits >> n_bits);
        }
    }
    /* One left-over character holds no byte; left-over bits would be a second spelling. */
    if (n_bits == 6 || (bits & ((1U << n_bits) - 1)) != 0) {
        return FALSE;
    }
    *ret_size = size;
    return TRUE;
}

/* Format characters hide or reorder what stands beside them: bidi controls, joiners, marks. */
static gboolean is_treacherous(gunichar c)
{
    switch ((int)g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return TRUE;
    default:
        return FALSE;
    }
}

char *text_for_people(const char *text, gsize chars_max)
{
    GString *line = g_string_new(NULL);

    for (gsize chars = 0; text && *text; chars++) {
        gunichar c = g_utf8_get_char_validated(text, -1);
        if (chars == chars_max) {
            g_string_append(line, "…");
            break;
        }
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf(line, "\\x%02x", (guint8)*text++);
            continue;
        }
        if (c < 0x80 && g_unichar_iscntrl(c)) {
            g_string_append_printf(line, "\\x%02x", c);
        } else if (is_treacherous(c)) {
            g_string_append_printf(line, "\\u{%x}", c);
        } else {
            g_string_append_unichar(line, c);
        }
        text = g_utf8_next_char(text);
    }
    return g_string_free(line, FALSE);
}

gboolean text_is_plain(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL)) {
        return FALSE;
    }
    for (; *text; text = g_utf8_next_char(text)) {
        if (is_treacherous(g_utf8_get_char(text))) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Han, kana, Hangul and Bopomofo are written together (UTS 39 5.1). */
static gboolean script_is_east_asian(GUnicodeScript script)
{
    return script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HIRAGANA ||
           script == G_UNICODE_SCRIPT_KATAKANA || script == G_UNICODE_SCRIPT_HANGUL ||
           script == G_UNICODE_SCRIPT_BOPOMOFO;
}

gboolean text_mixes_scripts(const char *text)
{
    GUnicodeScript only = G_UNICODE_SCRIPT_COMMON;

    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(at));
        if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED) {
            continue;
        }
        if (only == G_UNICODE_SCRIPT_COMMON) {
            only = script;
        } else if (
            script != only && !(script_is_east_asian(script) && script_is_east_asian(only))) {
            return TRUE;
        }
    }
    return FALSE;
}
