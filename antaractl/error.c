/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/error.h"

G_DEFINE_QUARK(antaractl - error - quark, ctl_error)

gboolean ctl_fail(GError **error, const char *words, ...)
{
    va_list rest;

    va_start(rest, words);
    if (error) {
        *error = g_error_new_valist(CTL_ERROR, CTL_ERROR_FAILED, words, rest);
    }
    va_end(rest);
    return FALSE;
}
