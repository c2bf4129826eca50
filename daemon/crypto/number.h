/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* number.h - a number in a fixed count of octets; for the files of crypto/ alone */

#include <glib.h>

/* Big endian, with zeros before it. @bytes may have zeros before it too: GnuTLS and DER put one
 * before a high bit. Source: RFC 7518 6.2.1.2. Returns: FALSE when @size octets don't hold it. */
gboolean number_put(guint8 *place, gsize size, const void *data, gsize bytes);
