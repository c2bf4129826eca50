/* SPDX-License-Identifier: GPL-3.0-or-later */

/* wire-loop.c - one epoll descriptor for all wires of a context, their deadlines, and one send at
 * the end of a turn */

#include "http/wire-inside.h"

#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64
#define SWEEP_USEC     (G_USEC_PER_SEC / 2)

static GPtrArray *wires_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)wire_unref);
}

static void flush_dirty(WireLoop *loop)
{
    while (loop->dirty->len > 0) {
        g_autoptr(GPtrArray) dirty = g_steal_pointer(&loop->dirty);
        loop->dirty = wires_new();
        for (guint i = 0; i < dirty->len; i++) {
            Wire *wire = dirty->pdata[i];
            wire->dirty = FALSE;
            if (wire->loop) {
                wire_flush(wire);
            }
            if (wire->closing && (wire->broken || wire->out->len == 0)) {
                wire_drop(wire);
            }
        }
    }
}

void wire_expire(Wire *wire)
{
    GateState state = wire->gate.state;

    if (wire->shaking && !wire->ended) {
        wire_fail_handshake(wire);
        wire_drop(wire);
    } else if (wire->closing || wire->out->len > 0) {
        wire->broken = TRUE; /* a slow reader, or one that does not take its end */
        wire_end(wire);
        wire_drop(wire);
    } else if (state == GATE_BETWEEN && wire->in->len == wire->taken) {
        wire_end(wire);
    } else if (state != GATE_BETWEEN && !wire->refused) {
        wire_refuse(wire, 408, state != GATE_HEAD);
    } else {
        wire_set_deadline(wire, WIRE_IDLE_USEC); /* the answer is being made */
    }
}

/* Twice a second all deadlines are looked at: a heap of timers would cost more than it saves. */
static void sweep(WireLoop *loop)
{
    gint64 now = g_get_monotonic_time();
    g_autoptr(GPtrArray) over = NULL;
    GHashTableIter iter;
    gpointer item = NULL;

    if (now < loop->sweep_usec) {
        return;
    }
    loop->sweep_usec = now + SWEEP_USEC;
    over = wires_new();
    g_hash_table_iter_init(&iter, loop->wires);
    while (g_hash_table_iter_next(&iter, &item, NULL)) {
        if (((const Wire *)item)->deadline_usec <= now) {
            g_ptr_array_add(over, wire_ref(item));
        }
    }
    for (guint i = 0; i < over->len; i++) {
        wire_expire(over->pdata[i]);
    }
}

static void handle_event(Wire *wire, guint32 events)
{
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        wire->readable = TRUE;
        wire->half_closed |= (events & (EPOLLRDHUP | EPOLLHUP)) != 0;
        wire_fill(wire);
    }
    if (events & (EPOLLERR | EPOLLHUP)) {
        wire->broken = TRUE;
        wire_end(wire);
    }
    if (events & EPOLLOUT && wire->shaking && wire->blocked) {
        wire_queue_handshake(wire);
    }
    if (events & EPOLLOUT || wire->closing) {
        wire_mark_dirty(wire);
    }
}

static void drain(WireLoop *loop)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = EVENTS_AT_ONCE;

    /* Once for each wire at most: some may send on and on, and others wait for what is done next.
     */
    for (guint left = g_hash_table_size(loop->wires) / EVENTS_AT_ONCE + 1;
         left > 0 && count == EVENTS_AT_ONCE; left--) {
        count = epoll_wait(loop->epoll_fd, events, EVENTS_AT_ONCE, 0);
        for (int i = 0; i < count; i++) {
            g_autoptr(Wire) wire = wire_ref(events[i].data.ptr);
            if (wire->loop) {
                handle_event(wire, events[i].events);
            }
        }
    }
}

static gboolean loop_prepare(GSource *source, int *timeout)
{
    WireLoop *loop = (WireLoop *)source;

    flush_dirty(loop);
    loop->turn_usec = g_get_monotonic_time() - loop->checked_usec;
    if (loop->handshakes.length > 0) {
        *timeout = 0;
    } else {
        *timeout = g_hash_table_size(loop->wires) > 0 ? (int)(SWEEP_USEC / 1000) : -1;
    }
    return FALSE;
}

/* FALSE, so that the sources which wait for a stream, of lower priority, are checked in the same
 * turn. (A descriptor of g_source_add_unix_fd() would make the source ready in spite of that.) */
static gboolean loop_check(GSource *source)
{
    WireLoop *loop = (WireLoop *)source;

    if (loop->poll.revents) {
        drain(loop);
    }
    wire_step_handshakes(loop);
    sweep(loop);
    loop->checked_usec = g_get_monotonic_time();
    return FALSE;
}

static gboolean loop_dispatch(
    G_GNUC_UNUSED GSource *source,
    G_GNUC_UNUSED GSourceFunc callback,
    G_GNUC_UNUSED gpointer data)
{
    return G_SOURCE_CONTINUE;
}

/* Of the priority that libsoup's sources have, so that newcomers don't hold up those who are
 * served. */
typedef struct Beginnings {
    GSource source;
    WireLoop *loop;
} Beginnings;

static gboolean beginnings_check(GSource *source)
{
    return ((const Beginnings *)source)->loop->fresh->len > 0;
}

static gboolean beginnings_prepare(GSource *source, int *timeout)
{
    *timeout = -1;
    return beginnings_check(source);
}

static gboolean beginnings_dispatch(
    GSource *source,
    G_GNUC_UNUSED GSourceFunc callback,
    G_GNUC_UNUSED gpointer data)
{
    WireLoop *loop = ((Beginnings *)source)->loop;
    g_autoptr(GPtrArray) fresh = g_steal_pointer(&loop->fresh);

    loop->fresh = wires_new();
    for (guint i = 0; i < fresh->len; i++) {
        const Wire *wire = fresh->pdata[i];
        if (wire->loop) {
            loop->begun(fresh->pdata[i], loop->data);
        }
    }
    return G_SOURCE_CONTINUE;
}

static GSource *beginnings_new(WireLoop *loop, GMainContext *context)
{
    static GSourceFuncs funcs = {
        .prepare = beginnings_prepare, .check = beginnings_check, .dispatch = beginnings_dispatch};
    GSource *source = g_source_new(&funcs, sizeof(Beginnings));

    ((Beginnings *)source)->loop = loop;
    g_source_set_static_name(source, "beginnings");
    g_source_attach(source, context);
    return source;
}

WireLoop *wire_loop_new(GMainContext *context, WireBegun begun, WireGone gone, gpointer data)
{
    static GSourceFuncs funcs = {
        .prepare = loop_prepare, .check = loop_check, .dispatch = loop_dispatch};
    GSource *source = g_source_new(&funcs, sizeof(WireLoop));
    WireLoop *loop = (WireLoop *)source;

    loop->checked_usec = g_get_monotonic_time();
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    g_assert(loop->epoll_fd >= 0);
    loop->wires = g_hash_table_new_full(NULL, NULL, (GDestroyNotify)wire_unref, NULL);
    g_queue_init(&loop->handshakes);
    loop->dirty = wires_new();
    loop->fresh = wires_new();
    loop->begun = begun;
    loop->gone = gone;
    loop->data = data;
    loop->poll = (GPollFD){.fd = loop->epoll_fd, .events = G_IO_IN};
    g_source_add_poll(source, &loop->poll);
    g_source_set_static_name(source, "wires");
    g_source_set_priority(source, G_PRIORITY_HIGH);
    g_source_attach(source, context);
    loop->beginnings = beginnings_new(loop, context);
    return loop;
}

void wire_loop_end(WireLoop *loop)
{
    GHashTableIter iter;
    gpointer wire = NULL;

    loop->ending = TRUE;
    g_hash_table_iter_init(&iter, loop->wires);
    while (g_hash_table_iter_next(&iter, &wire, NULL)) {
        wire_come_to_end(wire);
    }
}

void wire_loop_free(WireLoop *loop)
{
    g_autoptr(GList) wires = g_hash_table_get_keys(loop->wires);

    for (GList *link = wires; link; link = link->next) {
        Wire *wire = wire_ref(link->data);
        wire->broken = TRUE;
        wire_end(wire);
        wire_drop(wire);
        wire_unref(wire);
    }
    g_queue_clear_full(&loop->handshakes, (GDestroyNotify)wire_unref);
    g_source_destroy(loop->beginnings);
    g_source_unref(loop->beginnings);
    g_ptr_array_unref(loop->dirty);
    g_ptr_array_unref(loop->fresh);
    g_hash_table_unref(loop->wires);
    (void)close(loop->epoll_fd);
    g_source_destroy(&loop->source);
    g_source_unref(&loop->source);
}

guint wire_loop_count(const WireLoop *loop)
{
    return g_hash_table_size(loop->wires);
}
