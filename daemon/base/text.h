/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* text.h - spellings: base64url, hex, and foreign text made fit for a log line or a terminal */

#include <glib.h>

/**
 * base64url_encode() - RFC 4648 section 5, without padding
 *
 * Returns: (transfer full): NUL-terminated text.
 */
char *base64url_encode(const void *data, gsize size);

/**
 * base64url_decode() - the strict inverse
 * @text: untrusted, @chars long; padding, white space, foreign characters and non-zero left-over
 *        bits are refused, so that each value has one spelling
 * @ret_data: room for @size_max bytes
 *
 * Returns: FALSE when @text is no such spelling or holds more than @size_max bytes.
 */
gboolean
base64url_decode(const char *text, gsize chars, void *ret_data, gsize size_max, gsize *ret_size);

/**
 * text_for_people() - foreign text as one printable line
 * @text: untrusted bytes, NUL-terminated, may be NULL (gives "")
 * @chars_max: longest result in characters; what is cut ends in "…"
 *
 * Invalid UTF-8, C0 and C1 controls, ESC, CR, LF, U+2028/2029, bidi controls and other format
 * characters are shown as \xNN or \u{N}.
 *
 * Returns: (transfer full): valid UTF-8.
 */
char *text_for_people(const char *text, gsize chars_max);

/* TRUE if @text is valid UTF-8 without any control, line separator, or bidi control character. */
gboolean text_is_plain(const char *text);

/* TRUE if @text, valid UTF-8, has letters of several scripts that nobody writes together. */
gboolean text_mixes_scripts(const char *text);
