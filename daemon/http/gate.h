/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * gate.h - framing of requests, checked strictly before libsoup acts on a byte (RFC 9112)
 *
 * A parser that is fed with what the socket gave, and says how much of it may pass. A head passes
 * whole and only when it is good; a body passes as it comes, counted, up to the limit of its route.
 * What is refused gets a status; nothing behind it is served.
 */

#include <glib.h>

#define GATE_HEAD_BYTES_MAX   (16U * 1024)
#define GATE_FIELDS_MAX       64U
#define GATE_METHOD_BYTES_MAX 32U
#define GATE_TARGET_BYTES_MAX (8U * 1024)
#define GATE_BODY_BYTES_MAX   (64U * 1024) /* of any route */

typedef enum GateState {
    GATE_BETWEEN, /* no byte of the next request has come */
    GATE_HEAD,
    GATE_BODY, /* of a known length */
    GATE_CHUNK_SIZE,
    GATE_CHUNK_DATA,
    GATE_CHUNK_END,
    GATE_TRAILER,
    GATE_REFUSED,
} GateState;

typedef struct Gate {
    GateState state;
    guint64 left; /* of a body or chunk */
    guint64 body; /* of this request, so far */
    gsize body_max;
    guint status; /* why it refused */
} Gate;

void gate_init(Gate *gate);

/**
 * gate_feed() - how much of @data may pass
 * @data: what came and has not passed yet, from its first byte on
 *
 * Called again with the rest, once more has come. It never passes a part of a head.
 *
 * Returns: bytes that may pass, 0 when more is needed, or when it refuses (gate->state is
 * GATE_REFUSED).
 */
gsize gate_feed(Gate *gate, const guint8 *data, gsize size);
