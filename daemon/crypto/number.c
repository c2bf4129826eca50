/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/number.h"

#include <string.h>

gboolean number_put(guint8 *place, gsize size, const void *data, gsize bytes)
{
    const guint8 *number = data;

    while (bytes > size && *number == 0) {
        number++;
        bytes--;
    }
    if (bytes > size) {
        return FALSE;
    }
    memset(place, 0, size - bytes);
    if (bytes > 0) {
        memcpy(place + size - bytes, number, bytes);
    }
    return TRUE;
}
