/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "text.h"

#include "dbus/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define NO_NAME "(no name)" /* has a space, so the daemon links nobody to it */

/* Well-formed sequences by their first two bytes (Unicode, table 3-7); a third and fourth byte are
 * 0x80 to 0xbf. */
static const struct {
    unsigned char first, last; /* of the first byte */
    unsigned char low, high;   /* of the second */
    size_t bytes;
} sequences[] = {
    {0x01, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool is_tail(const unsigned char *at, size_t bytes)
{
    for (size_t i = 2; i < bytes; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf) {
            return false;
        }
    }
    return true;
}

/* How long the sequence at @at is; 0: it is none. No byte behind the text's NUL is looked at. */
static size_t sequence_bytes(const unsigned char *at)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        const size_t bytes = sequences[i].bytes;

        if (at[0] < sequences[i].first || at[0] > sequences[i].last) {
            continue;
        }
        const bool good = bytes == 1 || (at[1] >= sequences[i].low && at[1] <= sequences[i].high &&
                                         is_tail(at, bytes));
        return good ? bytes : 0;
    }
    return 0;
}

/* U+FDD0 to U+FDEF, and the last two of each plane: sd-bus reads no string with one of them. */
static bool is_noncharacter(const unsigned char *at, size_t bytes)
{
    if (bytes == 3) {
        return at[0] == 0xef && ((at[1] == 0xb7 && at[2] >= 0x90 && at[2] <= 0xaf) ||
                                 (at[1] == 0xbf && at[2] >= 0xbe));
    }
    return bytes == 4 && (at[1] & 0x0f) == 0x0f && at[2] == 0xbf && at[3] >= 0xbe;
}

static bool is_text(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at != '\0') {
        const size_t bytes = sequence_bytes(at);
        if (bytes == 0 || is_noncharacter(at, bytes)) {
            return false;
        }
        at += bytes;
    }
    return true;
}

const char *text_for_bus(const char *text)
{
    return is_text(text) ? text : "?";
}

const char *text_name_for_bus(const char *text)
{
    return strlen(text) <= ANTARA_PAM_NAME_BYTES_MAX && is_text(text) ? text : NO_NAME;
}
