/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/pace.h"

#include "base/error.h"

gboolean pace_rest(const Pace *pace, guint64 bytes, GError **error)
{
    if (!pace || pace->rest(bytes, pace->data)) {
        return TRUE;
    }
    g_set_error_literal(
        error, ANTARA_ERROR, ANTARA_ERROR_STOPPED, "given up, since the daemon stops");
    return FALSE;
}
