/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/check.h"

#include "base/error.h"

#include <gnutls/gnutls.h>

gboolean crypto_check(int code, const char *what, GError **error)
{
    if (code < 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", what, gnutls_strerror(code));
        return FALSE;
    }
    return TRUE;
}
