/* SPDX-License-Identifier: GPL-3.0-or-later */

/* wire-loop.c - one epoll descriptor for all wires of a context, their deadlines, and one send at
 * the end of a turn */

#include "http/wire-inside.h"

#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64
#define SWEEP_USEC     (G_USEC_PER_SEC / 2)

void wire_loop_count_group(WireLoop *loop, const char *group, int step)
{
    int count = GPOINTER_TO_INT(g_hash_table_lookup(loop->groups, group)) + step;

    if (count > 0) {
        g_hash_table_insert(loop->groups, g_strdup(group), GINT_TO_POINTER(count));
    } else {
        (void)g_hash_table_remove(loop->groups, group);
    }
}

static void flush_dirty(WireLoop *loop)
{
    while (loop->dirty->len > 0) {
        g_autoptr(GPtrArray) dirty = g_steal_pointer(&loop->dirty);
        loop->dirty = g_ptr_array_new_with_free_func((GDestroyNotify)wire_unref);
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

static void wire_expire(Wire *wire)
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
    over = g_ptr_array_new_with_free_func((GDestroyNotify)wire_unref);
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

    while (count == EVENTS_AT_ONCE) {
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
    if (loop->handshakes.length > 0) {
        *timeout = 0;
    } else {
        *timeout = g_hash_table_size(loop->wires) > 0 ? (int)(SWEEP_USEC / 1000) : -1;
    }
    return FALSE;
}

/* FALSE, so that the sources which wait for a stream, of lower priority, are checked in the same
 * turn. */
static gboolean loop_check(GSource *source)
{
    WireLoop *loop = (WireLoop *)source;

    if (g_source_query_unix_fd(source, loop->tag)) {
        drain(loop);
    }
    wire_step_handshake(loop);
    sweep(loop);
    return FALSE;
}

static gboolean loop_dispatch(
    G_GNUC_UNUSED GSource *source,
    G_GNUC_UNUSED GSourceFunc callback,
    G_GNUC_UNUSED gpointer data)
{
    return G_SOURCE_CONTINUE;
}

WireLoop *wire_loop_new(GMainContext *context, void (*gone)(gpointer data), gpointer data)
{
    static GSourceFuncs funcs = {
        .prepare = loop_prepare, .check = loop_check, .dispatch = loop_dispatch};
    GSource *source = g_source_new(&funcs, sizeof(WireLoop));
    WireLoop *loop = (WireLoop *)source;

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    g_assert(loop->epoll_fd >= 0);
    loop->wires = g_hash_table_new_full(NULL, NULL, (GDestroyNotify)wire_unref, NULL);
    loop->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    loop->dirty = g_ptr_array_new_with_free_func((GDestroyNotify)wire_unref);
    g_queue_init(&loop->handshakes);
    loop->gone = gone;
    loop->data = data;
    loop->tag = g_source_add_unix_fd(source, loop->epoll_fd, G_IO_IN);
    g_source_set_static_name(source, "wires");
    g_source_set_priority(source, G_PRIORITY_HIGH);
    g_source_attach(source, context);
    return loop;
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
    g_ptr_array_unref(loop->dirty);
    g_hash_table_unref(loop->wires);
    g_hash_table_unref(loop->groups);
    (void)close(loop->epoll_fd);
    g_source_destroy(&loop->source);
    g_source_unref(&loop->source);
}

guint wire_loop_count(const WireLoop *loop)
{
    return g_hash_table_size(loop->wires);
}

guint wire_loop_count_from(const WireLoop *loop, const char *group)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(loop->groups, group));
}
