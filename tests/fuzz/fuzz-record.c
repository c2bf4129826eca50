/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-record.c - any bytes, decoded by each table: refused, or the same again when encoded */

#include "core/account.h"
#include "core/event.h"
#include "core/kept.h"
#include "core/limit.h"
#include "core/outbox.h"
#include "core/refusal.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const RecordTable *const tables[] = {&account_table, &event_table,  &kept_table,
                                         &limit_table,   &outbox_table, &refusal_table};
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);

    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        gpointer record = record_decode(tables[i], bytes, NULL);
        if (!record) {
            continue;
        }
        g_autoptr(GBytes) first = record_encode(tables[i], record);
        gpointer again = record_decode(tables[i], first, NULL);
        g_assert_nonnull(again);
        g_autoptr(GBytes) second = record_encode(tables[i], again);
        g_assert_true(g_bytes_equal(first, second));
        record_free(tables[i], again);
        record_free(tables[i], record);
    }
    return 0;
}
