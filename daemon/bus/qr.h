/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* qr.h - a QR code as half blocks of UTF-8, two modules to a character */

#include <glib.h>

#define QR_ROWS_MAX 17U /* so that it stands on a screen of 24 lines, with what is around it */

/* @text: capitals and digits make the smallest code. @inverse: for dark letters on a light ground.
 * (transfer full) at most QR_ROWS_MAX lines that end in LF; NULL when @text needs more: capitals
 * and digits do from the 48th on. */
char *qr_draw(const char *text, gboolean inverse);
