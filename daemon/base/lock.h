/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* lock.h - pthread locks with cleanup. Not GMutex: ThreadSanitizer misreads it */

#include <glib.h>
#include <pthread.h>

typedef pthread_mutex_t Lock;

/* Unlocks at the end of the scope: LOCKED(&store->lock); */
#define LOCKED(lock)                                                                               \
    G_GNUC_UNUSED __attribute__((cleanup(lock_leave))) Lock *G_PASTE(locked_, __LINE__) =          \
        lock_enter(lock)

static inline Lock *lock_enter(Lock *lock)
{
    g_assert(pthread_mutex_lock(lock) == 0);
    return lock;
}

static inline void lock_leave(Lock **lock)
{
    g_assert(pthread_mutex_unlock(*lock) == 0);
}
