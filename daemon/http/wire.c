/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/wire-inside.h"

#include "http/headers.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES     (16U * 1024)
#define REST_READS_MAX 8U
#define IN_BYTES_MAX                                                                               \
    (96U * 1024) /* a full head and body: no more is read from the socket meanwhile */

void wire_set_deadline(Wire *wire, gint64 usec)
{
    wire->deadline_usec = g_get_monotonic_time() + usec;
}

void wire_set_read_deadline(Wire *wire, gint64 usec)
{
    wire_set_deadline(wire, wire->loop && wire->loop->ending ? MIN(usec, WIRE_LAST_USEC) : usec);
}

/* What lies unread at a close makes the kernel reset the connection, and the client may lose our
 * answer. So what is there already of a refused body is taken. */
static void forget_rest(const Wire *wire)
{
    guint8 data[READ_BYTES];

    for (guint i = 0; i < REST_READS_MAX && recv(wire->fd, data, sizeof(data), 0) > 0; i++) {
    }
}

/* The descriptor goes; the stream may still hold the wire, and sees its end. */
void wire_drop(Wire *wire)
{
    WireLoop *loop = g_steal_pointer(&wire->loop);

    if (!loop) {
        return;
    }
    wire_end_tls(wire);
    if (wire->refused) {
        forget_rest(wire);
    }
    (void)close(wire->fd);
    wire->fd = -1;
    wire->broken = TRUE;
    loop->gone(wire->arrival, loop->data);
    (void)g_hash_table_remove(loop->wires, wire); /* may free it */
}

static gboolean is_in_body(GateState state)
{
    return state != GATE_BETWEEN && state != GATE_HEAD && state != GATE_REFUSED;
}

void wire_mark_dirty(Wire *wire)
{
    if (!wire->dirty && wire->loop) {
        wire->dirty = TRUE;
        g_ptr_array_add(wire->loop->dirty, wire_ref(wire));
    }
}

void wire_end(Wire *wire)
{
    wire->ended = TRUE;
    wire->readable = FALSE;
    g_byte_array_set_size(wire->raw, 0);
    if (!wire->begun) { /* nobody else will close it */
        wire->closing = TRUE;
        wire_mark_dirty(wire);
    }
}

/*
 * When all is answered that came before: our own answer to what was refused; then, between two
 * requests, libsoup is shown a last one, and within one it sees the end of the stream itself. What
 * it says to that is dropped.
 */
static void tell_end(Wire *wire)
{
    gboolean in_body = wire->refused_in_body || is_in_body(wire->gate.state);

    if (wire->refused) {
        g_autofree char *answer =
            headers_bare_answer(wire->refused, wire->loop && wire->loop->hsts);
        wire_write(wire, answer, strlen(answer));
    }
    wire_end(wire);
    if (!wire->end_told && !in_body) {
        g_byte_array_append(
            wire->in, (const guint8 *)WIRE_LAST_REQUEST, sizeof(WIRE_LAST_REQUEST) - 1);
    }
    wire->end_told = TRUE;
    wire->closing = TRUE;
    wire_mark_dirty(wire);
}

void wire_refuse(Wire *wire, guint status, gboolean in_body)
{
    wire->refused = status;
    wire->refused_in_body = in_body;
    g_byte_array_set_size(wire->raw, 0);
    if (!wire->begun || (wire->waited_for && wire->in->len == 0)) {
        tell_end(wire);
    }
}

static gint64 deadline_of(GateState state)
{
    static const gint64 usec[] = {
        [GATE_BETWEEN] = WIRE_IDLE_USEC, [GATE_HEAD] = WIRE_HEAD_USEC, [GATE_REFUSED] = 0};

    return usec[state] ? usec[state] : WIRE_BODY_USEC;
}

/* A body has one deadline, not one for each of its chunks: or who sends a byte now and then would
 * hold the connection for days. Nor does asking give time to who takes no answers. */
static void renew_deadline(Wire *wire, GateState before, gboolean head_passed)
{
    GateState now = wire->gate.state;
    gboolean same = now == before || (is_in_body(now) && is_in_body(before));

    if (!wire->blocked && (head_passed || !same)) {
        wire_set_read_deadline(wire, deadline_of(now));
    }
}

static void begin(Wire *wire)
{
    if (!wire->begun) {
        wire->begun = TRUE;
        g_ptr_array_add(wire->loop->fresh, wire_ref(wire));
    }
}

/* It is in a request, or was taken and has not had one yet. */
static gboolean has_more_to_say(const Wire *wire)
{
    return !wire->begun || (wire->gate.state != GATE_BETWEEN && wire->gate.state != GATE_REFUSED);
}

/* The loop ends, and a request is whole: it was the last. */
static void end_when_done(Wire *wire)
{
    if (wire->loop && wire->loop->ending && !has_more_to_say(wire)) {
        wire_end(wire);
    }
}

void wire_come_to_end(Wire *wire)
{
    if (has_more_to_say(wire) && !wire->blocked) {
        wire_set_read_deadline(wire, WIRE_LAST_USEC);
    } else {
        wire_end(wire);
    }
}

static void pass_gate(Wire *wire)
{
    GateState before = wire->gate.state;
    gboolean head_passed = FALSE;
    gboolean in_head = !is_in_body(before);

    for (gsize passed; (passed = gate_feed(&wire->gate, wire->raw->data, wire->raw->len)) > 0;) {
        head_passed |= in_head;
        in_head = !is_in_body(wire->gate.state);
        g_byte_array_append(wire->in, wire->raw->data, (guint)passed);
        g_byte_array_remove_range(wire->raw, 0, (guint)passed);
        begin(wire);
    }
    if (wire->gate.state == GATE_REFUSED) {
        wire_refuse(wire, wire->gate.status, !in_head);
    } else {
        renew_deadline(wire, before, head_passed);
    }
    end_when_done(wire);
}

void wire_pass(Wire *wire, const guint8 *data, gsize size)
{
    g_byte_array_append(wire->raw, data, (guint)size);
    pass_gate(wire);
}

static gboolean has_room(const Wire *wire)
{
    gsize held = wire->in->len - wire->taken + wire->raw->len;

    return held + (wire->tls ? tls_session_waiting(wire->tls) : 0) < IN_BYTES_MAX;
}

/* Reads on while the socket has more and there is room. */
void wire_fill(Wire *wire)
{
    guint8 data[READ_BYTES];

    while (wire->readable && !wire->ended && !wire->refused && has_room(wire)) {
        ssize_t got = recv(wire->fd, data, sizeof(data), 0);
        if (got > 0) {
            (wire->tls ? wire_take_sealed : wire_pass)(wire, data, (gsize)got);
            /* A short read has emptied the socket, but for an end that came with the same event. */
            wire->readable = wire->half_closed || (gsize)got == sizeof(data);
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wire->readable = FALSE;
        } else {
            wire->broken = got < 0; /* a client may end its side and wait for the answer */
            wire_end(wire);
            if (wire->shaking) {
                wire_fail_handshake(wire);
            }
        }
    }
}

void wire_flush(Wire *wire)
{
    gboolean answered = wire->out->len > 0;

    while (!wire->broken && wire->sent < wire->out->len) {
        gssize sent = wire_send(wire, wire->out->data + wire->sent, wire->out->len - wire->sent);
        if (sent > 0) {
            wire->sent += (guint)sent;
            wire->blocked = FALSE;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wire->blocked) {
                wire_set_deadline(wire, WIRE_WRITE_USEC);
            }
            wire->blocked = TRUE;
            return;
        } else if (errno != EINTR) {
            wire->broken = TRUE;
        }
    }
    g_byte_array_set_size(wire->out, 0);
    wire->sent = 0;
    if (answered && wire->gate.state == GATE_BETWEEN && !wire->ended) {
        wire_set_deadline(wire, WIRE_IDLE_USEC);
    }
}

void wire_loop_set_hsts(WireLoop *loop, gboolean hsts)
{
    loop->hsts = hsts;
}

Wire *wire_new(WireLoop *loop, Arrival *arrival)
{
    Wire *wire = g_new0(Wire, 1);
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = wire};

    *wire = (Wire){
        .references = 1,
        .loop = loop,
        .fd = g_steal_fd(&arrival->fd),
        .arrival = arrival,
        .readable = TRUE};
    gate_init(&wire->gate);
    wire->raw = g_byte_array_new();
    wire->in = g_byte_array_new();
    wire->out = g_byte_array_new();
    wire_set_read_deadline(wire, WIRE_HEAD_USEC);
    (void)g_hash_table_add(loop->wires, wire_ref(wire));
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, wire->fd, &event) < 0) {
        wire->broken = TRUE;
        wire_end(wire);
    }
    return wire;
}

Wire *wire_ref(Wire *wire)
{
    wire->references++;
    return wire;
}

void wire_unref(Wire *wire)
{
    if (!wire || --wire->references > 0) {
        return;
    }
    g_assert(!wire->loop);
    g_byte_array_unref(wire->raw);
    g_byte_array_unref(wire->in);
    g_byte_array_unref(wire->out);
    arrival_free(wire->arrival);
    g_free(wire);
}

const Arrival *wire_arrival(const Wire *wire)
{
    return wire->arrival;
}

gsize wire_readable(const Wire *wire)
{
    return wire->in->len > wire->taken || wire->ended || wire->refused;
}

void wire_wait(Wire *wire)
{
    wire->waited_for = TRUE;
}

gsize wire_read(Wire *wire, void *data, gsize size)
{
    wire->waited_for = FALSE;
    if (wire->in->len == wire->taken && (wire->ended || wire->refused)) {
        tell_end(wire);
    }
    guint passed = (guint)MIN(size, wire->in->len - wire->taken);

    memcpy(data, wire->in->data + wire->taken, passed);
    wire->taken += passed;
    if (wire->taken == wire->in->len) {
        g_byte_array_set_size(wire->in, 0);
        wire->taken = 0;
        wire_fill(wire);
    }
    return passed;
}

gboolean wire_is_writable(const Wire *wire)
{
    return wire->broken || wire->closing || wire->out->len - wire->sent < WIRE_OUT_BYTES_SOFT;
}

void wire_write(Wire *wire, const void *data, gsize size)
{
    if (!wire->broken && !wire->closing) {
        g_byte_array_append(wire->out, data, (guint)size);
        wire_mark_dirty(wire);
    }
}

void wire_close(Wire *wire)
{
    wire->closing = TRUE;
    wire_set_deadline(wire, WIRE_WRITE_USEC);
    wire_mark_dirty(wire);
}
