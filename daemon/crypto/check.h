/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* check.h - a code of GnuTLS becomes an error; for the files of crypto/ alone */

#include <glib.h>

/* @what: what was done, in the middle of a sentence. FALSE with an error when @code is below 0. */
gboolean crypto_check(int code, const char *what, GError **error);
