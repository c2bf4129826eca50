/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/qr.h"

#include <qrencode.h>

#define QUIET 4 /* modules around the code that stay light (ISO/IEC 18004) */

/* NULL: none, or one of more rows than there may be. */
static QRcode *encode(const char *text)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);

    if (code && (guint)(code->width + 2 * QUIET + 1) / 2 > QR_ROWS_MAX) {
        g_clear_pointer(&code, QRcode_free);
    }
    return code;
}

static gboolean is_light(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) {
        return TRUE;
    }
    return !(code->data[y * code->width + x] & 1);
}

char *qr_draw(const char *text, gboolean inverse)
{
    static const char *const blocks[] = {" ", "▄", "▀", "█"};
    QRcode *code = encode(text);
    GString *lines = g_string_new(NULL);

    for (int y = -QUIET; code && y < code->width + QUIET; y += 2) {
        for (int x = -QUIET; x < code->width + QUIET; x++) {
            gboolean top = is_light(code, x, y) != inverse;
            /* below the last row of an odd height there is nothing to draw */
            gboolean bottom = y + 1 < code->width + QUIET && is_light(code, x, y + 1) != inverse;
            g_string_append(lines, blocks[(top ? 2 : 0) + (bottom ? 1 : 0)]);
        }
        g_string_append_c(lines, '\n');
    }
    gboolean drawn = code != NULL;
    QRcode_free(code);
    return g_string_free(lines, !drawn);
}
