/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* qr.h - a QR code as half blocks of UTF-8, two modules to a character */

#include <glib.h>

/* @text: capitals and digits make the smallest code. @inverse: for dark letters on a light ground.
 * (transfer full) lines that end in LF; NULL when @text is too long. */
char *qr_draw(const char *text, gboolean inverse);
