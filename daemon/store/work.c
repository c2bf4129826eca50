/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/work.h"

#include "base/error.h"
#include "store/upkeep-inside.h"

#include <unistd.h>

gboolean work_is_under_way(const Upkeep *upkeep)
{
    return upkeep->work.number > 0 && upkeep->work.state < STORE_WORK_DONE;
}

static Upkeep *of(const Store *store)
{
    return store->upkeep;
}

void work_asked_clear(StoreWorkAsked *asked)
{
    if (asked->kind == STORE_WORK_BACKUP && asked->fd >= 0) {
        (void)close(asked->fd);
    }
    g_clear_pointer(&asked->kek, kek_unref);
    *asked = (StoreWorkAsked){.fd = -1};
}

void work_end(Upkeep *upkeep, const GError *failure)
{
    LOCKED(&upkeep->lock);
    StoreWork *work = &upkeep->work;

    work_asked_clear(&upkeep->asked);
    work->state = failure ? STORE_WORK_FAILED : STORE_WORK_DONE;
    work->done = failure ? work->done : work->total;
    if (failure) {
        (void)g_strlcpy(work->words, failure->message, sizeof(work->words));
    }
    (void)pthread_cond_broadcast(&upkeep->wake);
}

gboolean work_begin(Upkeep *upkeep)
{
    LOCKED(&upkeep->lock);

    if (upkeep->work.number == 0 || upkeep->work.state != STORE_WORK_WAITING) {
        return FALSE;
    }
    upkeep->work.state = STORE_WORK_RUNNING;
    return TRUE;
}

void work_give_up(Upkeep *upkeep)
{
    LOCKED(&upkeep->lock);

    upkeep->over = TRUE;
    if (work_is_under_way(upkeep)) {
        upkeep->work.state = STORE_WORK_FAILED;
        (void)g_strlcpy(
            upkeep->work.words, "given up, since the daemon stops", sizeof(upkeep->work.words));
    }
    (void)pthread_cond_broadcast(&upkeep->wake);
}

gboolean store_work_ask(Store *store, const StoreWorkAsked *asked, GError **error)
{
    Upkeep *upkeep = of(store);
    StoreWorkAsked taken = *asked;
    LOCKED(&upkeep->lock);

    if (upkeep->over || work_is_under_way(upkeep)) {
        work_asked_clear(&taken);
        g_set_error_literal(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED,
            upkeep->over ? "the daemon stops" : "other work on the store is under way");
        return FALSE;
    }
    upkeep->work = (StoreWork){.number = upkeep->work.number + 1, .kind = asked->kind};
    upkeep->asked = taken;
    (void)pthread_cond_broadcast(&upkeep->wake);
    return TRUE;
}

void store_work_look(Store *store, StoreWork *ret_work)
{
    LOCKED(&of(store)->lock);

    *ret_work = of(store)->work;
}

gboolean store_work_wait(Store *store, GError **error)
{
    Upkeep *upkeep = of(store);
    LOCKED(&upkeep->lock);

    while (work_is_under_way(upkeep)) {
        (void)pthread_cond_wait(&upkeep->wake, &upkeep->lock);
    }
    if (upkeep->work.state == STORE_WORK_FAILED) {
        g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, upkeep->work.words);
    }
    return upkeep->work.state != STORE_WORK_FAILED;
}
