/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/wire.h"

#include "http/headers.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64
#define READ_BYTES     (16U * 1024)
#define IN_BYTES_MAX                                                                               \
    (96U * 1024) /* a full head and body: no more is read from the socket meanwhile */
#define SWEEP_USEC (G_USEC_PER_SEC / 2)

struct Wire {
    gint references;
    WireLoop *loop; /* NULL once closed */
    int fd;
    Gate gate;
    GByteArray *raw; /* came, and has not passed the gate */
    GByteArray *in;  /* passed, for the stream */
    guint taken;     /* of in */
    GByteArray *out;
    guint sent; /* of out */
    char *group;
    gint64 deadline_usec;
    gboolean readable; /* the socket may have more */
    gboolean ended;    /* nothing more comes: the last request is in */
    gboolean broken;   /* nothing more can be sent */
    gboolean closing;
    gboolean dirty; /* in loop->dirty */
};

struct WireLoop {
    GSource source;
    int epoll_fd;
    gpointer tag;
    GHashTable *wires;  /* set of Wire, each a reference */
    GHashTable *groups; /* group -> count */
    GPtrArray *dirty;   /* of Wire, each a reference: something to send at the end of the turn */
    gint64 sweep_usec;
    void (*gone)(gpointer data);
    gpointer data;
};

static void set_deadline(Wire *wire, gint64 usec)
{
    wire->deadline_usec = g_get_monotonic_time() + usec;
}

static void count_group(WireLoop *loop, const char *group, int step)
{
    int count = GPOINTER_TO_INT(g_hash_table_lookup(loop->groups, group)) + step;

    if (count > 0) {
        g_hash_table_insert(loop->groups, g_strdup(group), GINT_TO_POINTER(count));
    } else {
        (void)g_hash_table_remove(loop->groups, group);
    }
}

/* The descriptor goes; the stream may still hold the wire, and sees its end. */
static void wire_drop(Wire *wire)
{
    WireLoop *loop = g_steal_pointer(&wire->loop);

    if (!loop) {
        return;
    }
    (void)close(wire->fd);
    wire->fd = -1;
    wire->broken = TRUE;
    count_group(loop, wire->group, -1);
    loop->gone(loop->data);
    (void)g_hash_table_remove(loop->wires, wire);
}

/* Between two requests libsoup is shown a last one; within one it sees the end of the stream
 * itself. */
static void wire_end(Wire *wire)
{
    if (!wire->ended) {
        wire->ended = TRUE;
        wire->readable = FALSE;
        if (wire->gate.state == GATE_BETWEEN || wire->gate.state == GATE_HEAD ||
            wire->gate.state == GATE_REFUSED) {
            g_byte_array_append(
                wire->in, (const guint8 *)WIRE_LAST_REQUEST, sizeof(WIRE_LAST_REQUEST) - 1);
        }
        g_byte_array_set_size(wire->raw, 0);
    }
}

static void mark_dirty(Wire *wire)
{
    if (!wire->dirty && wire->loop) {
        wire->dirty = TRUE;
        g_ptr_array_add(wire->loop->dirty, wire_ref(wire));
    }
}

/* Our own answer to what never reached libsoup; then the end. */
static void refuse(Wire *wire, guint status)
{
    g_autofree char *answer = headers_bare_answer(status);

    if (!wire->ended && !wire->broken) {
        g_byte_array_append(wire->out, (const guint8 *)answer, (guint)strlen(answer));
        mark_dirty(wire);
    }
    wire_end(wire);
    wire->broken = wire->broken || wire->out->len == 0;
    wire->closing = TRUE; /* what libsoup says to the last request is dropped */
}

static void pass_gate(Wire *wire)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    GateState before = wire->gate.state;

    for (gsize passed; (passed = gate_feed(&wire->gate, wire->raw->data, wire->raw->len)) > 0;) {
        g_byte_array_append(wire->in, wire->raw->data, (guint)passed);
        g_byte_array_remove_range(wire->raw, 0, (guint)passed);
        if (wire->gate.wants_continue) {
            wire->gate.wants_continue = FALSE;
            wire_write(wire, go_on, sizeof(go_on) - 1);
        }
    }
    if (wire->gate.state == GATE_REFUSED) {
        refuse(wire, wire->gate.status);
    } else if (wire->gate.state != before) {
        set_deadline(
            wire, wire->gate.state == GATE_BETWEEN ? WIRE_IDLE_USEC
                  : wire->gate.state == GATE_HEAD  ? WIRE_HEAD_USEC
                                                   : WIRE_BODY_USEC);
    }
}

/* Reads on while the socket has more and there is room. */
static void wire_fill(Wire *wire)
{
    guint8 data[READ_BYTES];

    while (wire->readable && !wire->ended &&
           wire->in->len - wire->taken + wire->raw->len < IN_BYTES_MAX) {
        ssize_t got = recv(wire->fd, data, sizeof(data), 0);
        if (got > 0) {
            g_byte_array_append(wire->raw, data, (guint)got);
            pass_gate(wire);
            wire->readable = wire->readable && (gsize)got == sizeof(data);
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wire->readable = FALSE;
        } else {
            wire->broken = got < 0; /* a client may end its side and wait for the answer */
            wire_end(wire);
        }
    }
}

static void wire_flush(Wire *wire)
{
    while (!wire->broken && wire->sent < wire->out->len) {
        ssize_t sent =
            send(wire->fd, wire->out->data + wire->sent, wire->out->len - wire->sent, MSG_NOSIGNAL);
        if (sent > 0) {
            wire->sent += (guint)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            set_deadline(wire, WIRE_WRITE_USEC);
            return;
        } else if (errno != EINTR) {
            wire->broken = TRUE;
        }
    }
    g_byte_array_set_size(wire->out, 0);
    wire->sent = 0;
    if (wire->gate.state == GATE_BETWEEN && !wire->ended) {
        set_deadline(wire, WIRE_IDLE_USEC);
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

    if (wire->closing || wire->out->len > 0) {
        wire->broken = TRUE; /* a slow reader, or one that does not take its end */
        wire_end(wire);
        wire_drop(wire);
    } else if (state == GATE_BETWEEN && wire->in->len == wire->taken) {
        wire_end(wire);
    } else if (state != GATE_BETWEEN) {
        refuse(wire, 408);
    } else {
        set_deadline(wire, WIRE_IDLE_USEC); /* the answer is being made */
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
        wire_fill(wire);
    }
    if (events & (EPOLLERR | EPOLLHUP)) {
        wire->broken = TRUE;
        wire_end(wire);
    }
    if (events & EPOLLOUT || wire->closing) {
        mark_dirty(wire);
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
    *timeout = g_hash_table_size(loop->wires) > 0 ? (int)(SWEEP_USEC / 1000) : -1;
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

Wire *wire_new(WireLoop *loop, int fd, const char *group)
{
    Wire *wire = g_new0(Wire, 1);
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = wire};

    *wire =
        (Wire){.references = 1, .loop = loop, .fd = fd, .group = g_strdup(group), .readable = TRUE};
    gate_init(&wire->gate);
    wire->raw = g_byte_array_new();
    wire->in = g_byte_array_new();
    wire->out = g_byte_array_new();
    set_deadline(wire, WIRE_HEAD_USEC);
    (void)g_hash_table_add(loop->wires, wire_ref(wire));
    count_group(loop, group, 1);
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
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
    g_free(wire->group);
    g_free(wire);
}

gsize wire_readable(const Wire *wire)
{
    return wire->in->len > wire->taken || wire->ended;
}

gsize wire_read(Wire *wire, void *data, gsize size)
{
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
        mark_dirty(wire);
    }
}

void wire_close(Wire *wire)
{
    wire->closing = TRUE;
    set_deadline(wire, WIRE_WRITE_USEC);
    mark_dirty(wire);
}
