/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "waiters.h"

typedef struct Waiter {
    guint64 point;
    pthread_cond_t awake;
} Waiter;

static void nothing(gpointer data)
{
    (void)data; /* the iteration has ended: that is all that is wanted */
}

void waiters_init(Waiters *waiters, Store *store)
{
    *waiters = (Waiters){.store = store, .context = g_main_context_new()};
    waiters->bell = bell_new(waiters->context, nothing, NULL);
    waiters->listener = store_listen(store, waiters->bell, FALSE);
    g_queue_init(&waiters->waiting);
    g_assert(pthread_mutex_init(&waiters->lock, NULL) == 0);
}

void waiters_clear(Waiters *waiters)
{
    g_assert(waiters->waiting.length == 0);
    store_listener_free(waiters->listener);
    bell_mute(waiters->bell);
    bell_unref(waiters->bell);
    g_main_context_unref(waiters->context);
    (void)pthread_mutex_destroy(&waiters->lock);
}

/* Those whose point is reached, and another to listen where this one leaves. Locked. */
static void wake(Waiters *waiters)
{
    guint64 durable = store_durable_point(waiters->store);

    for (GList *link = waiters->waiting.head; link; link = link->next) {
        Waiter *waiter = link->data;
        if (waiter->point <= durable || !waiters->heeded) {
            (void)pthread_cond_signal(&waiter->awake);
        }
        if (waiter->point > durable && !waiters->heeded) {
            break;
        }
    }
}

/* Locked, but not while it listens. */
static void listen_once(Waiters *waiters)
{
    waiters->heeded = TRUE;
    (void)pthread_mutex_unlock(&waiters->lock);
    (void)g_main_context_iteration(waiters->context, TRUE);
    (void)pthread_mutex_lock(&waiters->lock);
    wake(waiters);
    waiters->heeded = FALSE;
}

void waiters_wait(Waiters *waiters, guint64 point)
{
    Waiter waiter = {.point = point, .awake = PTHREAD_COND_INITIALIZER};
    LOCKED(&waiters->lock);

    g_queue_push_tail(&waiters->waiting, &waiter);
    while (store_durable_point(waiters->store) < point) {
        if (waiters->heeded) {
            (void)pthread_cond_wait(&waiter.awake, &waiters->lock);
        } else {
            listen_once(waiters);
        }
    }
    (void)g_queue_remove(&waiters->waiting, &waiter);
    if (!waiters->heeded) {
        wake(waiters);
    }
    (void)pthread_cond_destroy(&waiter.awake);
}
