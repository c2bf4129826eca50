/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/store-inside.h"

struct StoreListener {
    Store *store;
    Bell *bell;
    gboolean announcements;
    /* under the store's listeners_lock */
    guint64 waits_for; /* 0: each group */
    GPtrArray *heard;  /* of Announcement */
};

/* Announcements of one commit, until it is durable. */
typedef struct Told {
    guint64 sequence;
    GPtrArray *announcements;
} Told;

void announcement_free(Announcement *announcement)
{
    if (announcement) {
        g_free(announcement->tenant);
        g_free(announcement);
    }
}

static GPtrArray *announcements_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)announcement_free);
}

StoreListener *store_listen(Store *store, Bell *bell, gboolean announcements)
{
    StoreListener *listener = g_new0(StoreListener, 1);

    *listener = (StoreListener){
        .store = store,
        .bell = bell_ref(bell),
        .announcements = announcements,
        .heard = announcements_new()};
    LOCKED(&store->listeners_lock);
    g_ptr_array_add(store->listeners, listener);
    return listener;
}

void store_listener_free(StoreListener *listener)
{
    if (!listener) {
        return;
    }
    {
        LOCKED(&listener->store->listeners_lock);
        g_ptr_array_remove(listener->store->listeners, listener);
    }
    bell_unref(listener->bell);
    g_ptr_array_unref(listener->heard);
    g_free(listener);
}

void store_listener_wait(StoreListener *listener, guint64 point)
{
    LOCKED(&listener->store->listeners_lock);

    /* What becomes durable after this is told under the lock, after this. */
    if (journal_durable(listener->store->journal) >= point) {
        listener->waits_for = STORE_WAIT_FOR_NOTHING;
        bell_ring(listener->bell);
    } else {
        listener->waits_for = point;
    }
}

GPtrArray *store_listener_take(StoreListener *listener)
{
    GPtrArray *fresh = announcements_new();
    LOCKED(&listener->store->listeners_lock);
    GPtrArray *heard = listener->heard;

    listener->heard = fresh;
    return heard;
}

static void told_free(Told *told)
{
    g_ptr_array_unref(told->announcements);
    g_free(told);
}

void store_tell(Store *store, guint64 sequence, GPtrArray *announcements)
{
    if (!announcements) {
        return;
    }

    Told *told = g_new(Told, 1);
    *told = (Told){sequence, announcements};
    LOCKED(&store->listeners_lock);
    g_queue_push_tail(&store->told, told);
}

static void tell_listener(const StoreListener *listener, const GPtrArray *announcements)
{
    for (guint i = 0; listener->announcements && i < announcements->len; i++) {
        const Announcement *said = announcements->pdata[i];
        Announcement *copy = g_memdup2(said, sizeof(*said));
        copy->tenant = g_strdup(said->tenant);
        g_ptr_array_add(listener->heard, copy);
    }
}

static void ring_those_who_wait(const Store *store, guint64 sequence)
{
    for (guint i = 0; i < store->listeners->len; i++) {
        StoreListener *listener = store->listeners->pdata[i];
        if (listener->heard->len > 0 || listener->waits_for <= sequence) {
            bell_ring(listener->bell);
        }
        if (listener->waits_for > 0 && listener->waits_for <= sequence) {
            listener->waits_for = STORE_WAIT_FOR_NOTHING;
        }
    }
}

void store_ring(Store *store)
{
    LOCKED(&store->listeners_lock);

    for (guint i = 0; i < store->listeners->len; i++) {
        bell_ring(((const StoreListener *)store->listeners->pdata[i])->bell);
    }
}

void store_became_durable(guint64 sequence, gpointer data)
{
    Store *store = data;
    LOCKED(&store->listeners_lock);

    for (Told *told; (told = g_queue_peek_head(&store->told)) && told->sequence <= sequence;
         told_free(told)) {
        (void)g_queue_pop_head(&store->told);
        for (guint i = 0; i < store->listeners->len; i++) {
            tell_listener(store->listeners->pdata[i], told->announcements);
        }
    }
    ring_those_who_wait(store, sequence);
}

void store_listeners_clear(Store *store)
{
    g_assert(store->listeners->len == 0);
    g_ptr_array_unref(store->listeners);
    g_queue_clear_full(&store->told, (GDestroyNotify)told_free);
}
