/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* record-inside.h - what encoding and decoding agree upon; for record.c and record-decode.c alone
 */

#include "core/record.h"

#define RECORD_VERSION    1U
#define RECORD_HASH_BYTES 32U

static inline gpointer record_member(gconstpointer record, const RecordField *field)
{
    return (guint8 *)record + field->offset;
}
