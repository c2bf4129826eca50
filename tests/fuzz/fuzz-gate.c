/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-gate.c - what passes does not depend on how the bytes came: at once, or one by one */

#include "http/gate.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean feed(const uint8_t *data, gsize size, gsize step, gsize *ret_passed)
{
    Gate gate;
    gsize at = 0;

    gate_init(&gate);
    for (gsize came = 0; came < size && gate.state != GATE_REFUSED;) {
        came = MIN(size, came + step);
        for (gsize passed; (passed = gate_feed(&gate, data + at, came - at)) > 0;) {
            g_assert(passed <= came - at);
            at += passed;
        }
    }
    *ret_passed = at;
    return gate.state != GATE_REFUSED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gsize whole = 0;
    gsize pieces = 0;

    gboolean good = feed(data, size, size, &whole);
    g_assert(feed(data, size, 1, &pieces) == good);
    g_assert(whole == pieces);
    return 0;
}
