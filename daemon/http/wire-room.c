/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * wire-room.c - who goes when places run out
 *
 * First who has been idle longest between two requests, then who has sent half of something and no
 * more for a second, or nothing at all. Who is owed an answer stays, and so do connections of
 * trusted proxies: what one of those is closed for, its own client sees.
 *
 * All wires are looked at once for several that go: a heap would cost each request something.
 */

#include "http/wire-inside.h"

#define IDLE_USEC (G_USEC_PER_SEC / 20) /* who has just been answered may ask on */
#define HALF_USEC G_USEC_PER_SEC
#define BEHIND    (G_MAXINT64 / 2) /* who is half-way goes behind all who are idle */

typedef struct Leaver {
    Wire *wire;
    gint64 rank;
} Leaver;

/* Nothing is on its way in either direction but what the client has yet to send. */
static gboolean is_at_rest(const Wire *wire)
{
    return !wire->ended && !wire->refused && !wire->closing && wire->arrival->group &&
           wire->in->len == wire->taken && wire->out->len == 0 && !wire->broken &&
           (!wire->begun || wire->waited_for);
}

static gboolean is_between_requests(const Wire *wire)
{
    return wire->begun && wire->gate.state == GATE_BETWEEN && wire->raw->len == 0 &&
           !(wire->tls && tls_session_waiting(wire->tls) > 0);
}

/* The lower, the sooner it goes; -1: it stays. */
static gint64 rank_of(const Wire *wire, gint64 now)
{
    if (!is_at_rest(wire)) {
        return -1;
    }
    G_STATIC_ASSERT(WIRE_BODY_USEC == WIRE_HEAD_USEC); /* so either tells since when */
    gboolean idle = is_between_requests(wire);
    gint64 since = wire->deadline_usec - (idle ? WIRE_IDLE_USEC : WIRE_HEAD_USEC);
    if (now - since < (idle ? IDLE_USEC : HALF_USEC)) {
        return -1;
    }
    return MAX(since, 0) + (idle ? 0 : BEHIND);
}

/* Keeps the lowest ones, in their order. */
static void leavers_add(GArray *leavers, guint count, Leaver fresh)
{
    guint place = leavers->len;

    while (place > 0 && g_array_index(leavers, Leaver, place - 1).rank > fresh.rank) {
        place--;
    }
    if (place < count) {
        g_array_insert_val(leavers, place, fresh);
        g_array_set_size(leavers, MIN(leavers->len, count));
    }
}

static GArray *leavers_find(const WireLoop *loop, guint count)
{
    GArray *leavers = g_array_sized_new(FALSE, FALSE, sizeof(Leaver), count + 1);
    gint64 now = g_get_monotonic_time();
    GHashTableIter iter;
    gpointer wire = NULL;

    g_hash_table_iter_init(&iter, loop->wires);
    while (g_hash_table_iter_next(&iter, &wire, NULL)) {
        gint64 rank = rank_of(wire, now);
        if (rank >= 0) {
            leavers_add(leavers, count, (Leaver){wire, rank});
        }
    }
    return leavers;
}

/* A request may have come just now: then it stays. */
static gboolean still_goes(Wire *wire)
{
    wire->readable = TRUE;
    wire_fill(wire);
    return rank_of(wire, g_get_monotonic_time()) >= 0;
}

void wire_loop_make_room(WireLoop *loop, guint count, WireMayGo may_go, gpointer data)
{
    g_autoptr(GArray) leavers = leavers_find(loop, count);

    for (guint i = 0; i < leavers->len; i++) {
        g_autoptr(Wire) wire = wire_ref(g_array_index(leavers, Leaver, i).wire);
        if (!still_goes(wire)) {
            continue;
        }
        if (!may_go(data)) {
            return;
        }
        wire->arrival->sent_away = TRUE;
        wire_expire(wire);
    }
}
