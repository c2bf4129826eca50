/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app-name.h"

#include "base/text.h"

#include <string.h>

#define OURS "antara"

/* Whoever runs the server speaks by these. */
static const char *const reserved[] = {OURS,       "administrator", "admin", "root",
                                       "security", "support",       "system"};

/* Letters of other scripts, and digits, that a reader takes for a letter of ours: first those of
 * Greek, then of Cyrillic. Of i and l, and what looks like them, only i is left. */
static const struct Alike {
    gunichar looks;
    char like;
} alike[] = {
    {0x0391, 'a'}, {0x0392, 'b'}, {0x0395, 'e'}, {0x0396, 'z'}, {0x0397, 'h'}, {0x0399, 'i'},
    {0x039a, 'k'}, {0x039c, 'm'}, {0x039d, 'n'}, {0x039f, 'o'}, {0x03a1, 'p'}, {0x03a4, 't'},
    {0x03a5, 'y'}, {0x03a7, 'x'}, {0x03b1, 'a'}, {0x03b9, 'i'}, {0x03ba, 'k'}, {0x03bd, 'v'},
    {0x03bf, 'o'}, {0x03c1, 'p'}, {0x03c4, 't'}, {0x03c5, 'u'}, {0x03c7, 'x'}, {0x0405, 's'},
    {0x0406, 'i'}, {0x0408, 'j'}, {0x0410, 'a'}, {0x0412, 'b'}, {0x0415, 'e'}, {0x041a, 'k'},
    {0x041c, 'm'}, {0x041d, 'h'}, {0x041e, 'o'}, {0x0420, 'p'}, {0x0421, 'c'}, {0x0422, 't'},
    {0x0423, 'y'}, {0x0425, 'x'}, {0x0430, 'a'}, {0x0433, 'r'}, {0x0435, 'e'}, {0x043a, 'k'},
    {0x043c, 'm'}, {0x043e, 'o'}, {0x043f, 'n'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0442, 't'},
    {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04bb, 'h'},
    {0x0501, 'd'}, {0x051b, 'q'}, {0x051d, 'w'}, {'0', 'o'},    {'1', 'i'},    {'3', 'e'},
    {'4', 'a'},    {'5', 's'},    {'7', 't'},    {'@', 'a'},    {'$', 's'},    {'|', 'i'},
    {'l', 'i'},    {'L', 'i'},
};

/* 0: it is no letter to a reader. */
static gunichar plain_of(gunichar c)
{
    for (gsize i = 0; i < G_N_ELEMENTS(alike); i++) {
        if (alike[i].looks == c) {
            return (gunichar)(guchar)alike[i].like;
        }
    }
    return g_unichar_isalnum(c) ? g_unichar_tolower(c) : 0;
}

/* What is left of @text for an eye that reads fast: plain letters, words apart by one space, one
 * more at both ends. */
static char *skeleton(const char *text)
{
    g_autofree char *whole = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    GString *bare = g_string_new(" ");

    for (const char *at = whole; *at; at = g_utf8_next_char(at)) {
        const gunichar c = g_utf8_get_char(at);
        const gunichar plain = plain_of(c);
        if (plain) {
            g_string_append_unichar(bare, plain);
        } else if (!g_unichar_ismark(c) && bare->str[bare->len - 1] != ' ') {
            g_string_append_c(bare, ' ');
        }
    }
    if (bare->str[bare->len - 1] != ' ') {
        g_string_append_c(bare, ' ');
    }
    return g_string_free(bare, FALSE);
}

static char *without_spaces(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    return g_strjoinv("", words);
}

static gboolean is_reserved(const char *bare)
{
    g_autofree char *name = without_spaces(bare);

    for (gsize i = 0; i < G_N_ELEMENTS(reserved); i++) {
        g_autofree char *spaced = skeleton(reserved[i]);
        g_autofree char *word = without_spaces(spaced);
        if (g_str_equal(name, word)) {
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean holds(const char *bare, const char *words)
{
    g_autofree char *wanted = skeleton(words);
    return wanted[1] && strstr(bare, wanted);
}

static gboolean words_are_mixed(const char *name)
{
    g_auto(GStrv) words = g_strsplit_set(name, " -./_", -1);

    for (char **word = words; *word; word++) {
        if (text_mixes_scripts(*word)) {
            return TRUE;
        }
    }
    return FALSE;
}

const char *app_name_problem(const char *name, const char *tenant)
{
    if (!*name || !text_is_plain(name)) {
        return "the name is empty, or has control or bidi characters";
    }
    if (g_utf8_strlen(name, -1) > (glong)APP_NAME_CHARS_MAX) {
        return "the name is longer than 64 characters";
    }
    if (words_are_mixed(name)) {
        return "a word of the name mixes letters of several scripts";
    }
    g_autofree char *bare = skeleton(name);
    if (!bare[1]) {
        return "the name has no letter and no digit";
    }
    return is_reserved(bare) || (tenant && (holds(bare, OURS) || holds(bare, tenant)))
               ? "the name could be taken for that of whoever runs this server"
               : NULL;
}
