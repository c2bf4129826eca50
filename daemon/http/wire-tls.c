/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * wire-tls.c - TLS between the socket and the gate
 *
 * A handshake costs a signature, a thousand times a request's framing. So those that can go on
 * stand in a queue, and each turn of the loop takes a step of one of them, and of more while that
 * takes less than a quarter of what the last turn took for all else: whoever is served already
 * waits little longer, and newcomers have their part of a busy thread.
 */

#include "http/metrics.h"
#include "http/wire-inside.h"

#include <sys/socket.h>

#define TURN_PART        4
#define RECORD_BYTES_MAX (16U * 1024) /* RFC 8446 5.1 */

static gssize push(gpointer data, const struct iovec *pieces, int count)
{
    const Wire *wire = data;
    const struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};

    return sendmsg(wire->fd, &message, MSG_NOSIGNAL);
}

void wire_start_tls(Wire *wire, TlsServer *server)
{
    wire->tls = tls_session_new(server, g_get_monotonic_time(), push, wire);
    wire->shaking = TRUE;
}

void wire_queue_handshake(Wire *wire)
{
    if (!wire->queued && wire->loop) {
        wire->queued = TRUE;
        wire->blocked = FALSE;
        g_queue_push_tail(&wire->loop->handshakes, wire_ref(wire));
    }
}

static void open_records(Wire *wire)
{
    guint8 plain[RECORD_BYTES_MAX];
    gssize got = -1;

    while (!wire->ended && !wire->refused &&
           (got = tls_session_read(wire->tls, plain, sizeof(plain))) > 0) {
        wire_pass(wire, plain, (gsize)got);
    }
    if (got == 0) {
        wire_end(wire);
    }
}

void wire_take_sealed(Wire *wire, const guint8 *data, gsize size)
{
    tls_session_feed(wire->tls, data, size);
    if (wire->shaking) {
        wire_queue_handshake(wire);
    } else {
        open_records(wire);
    }
}

static void handshake_is_done(Wire *wire)
{
    metrics_count(tls_session_was_resumed(wire->tls) ? METRICS_TLS_RESUMED : METRICS_TLS_FULL);
    wire->shaking = FALSE;
    wire_set_read_deadline(wire, WIRE_HEAD_USEC);
    open_records(wire);
}

static void step(Wire *wire)
{
    switch (tls_session_handshake(wire->tls)) {
    case TLS_FAILED:
        wire_fail_handshake(wire);
        return;
    case TLS_BLOCKED:
        wire->blocked = TRUE;
        return;
    case TLS_DONE:
        handshake_is_done(wire);
        break;
    case TLS_WAITS:
        break;
    }
    wire_fill(wire); /* there may be room again for what waits in the socket */
}

void wire_fail_handshake(Wire *wire)
{
    metrics_count(METRICS_TLS_FAILED);
    wire->broken = TRUE;
    wire_end(wire);
}

/* FALSE: nobody waits any more. */
static gboolean step_next(WireLoop *loop)
{
    for (Wire *next; (next = g_queue_pop_head(&loop->handshakes));) {
        g_autoptr(Wire) wire = next;
        wire->queued = FALSE;
        if (wire->loop && wire->shaking && !wire->ended) {
            step(wire);
            return TRUE;
        }
    }
    return FALSE;
}

void wire_step_handshakes(WireLoop *loop)
{
    if (loop->handshakes.length == 0) {
        return;
    }
    gint64 end = g_get_monotonic_time() + loop->turn_usec / TURN_PART;
    while (step_next(loop) && g_get_monotonic_time() < end) {
    }
}

gssize wire_send(Wire *wire, const guint8 *data, gsize size)
{
    return wire->tls ? tls_session_write(wire->tls, data, size)
                     : send(wire->fd, data, size, MSG_NOSIGNAL);
}

void wire_end_tls(Wire *wire)
{
    if (wire->tls && !wire->broken && !wire->shaking) {
        tls_session_end(wire->tls);
    }
    g_clear_pointer(&wire->tls, tls_session_free);
}
