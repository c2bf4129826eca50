/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/backchannel.h"

#include "base/log-events.h"
#include "base/log.h"
#include "core/session-apps.h"
#include "crypto/random.h"
#include "jobs/dispatcher.h"
#include "jobs/logout-token.h"

#include <string.h>

#define LATE_USEC (2 * G_USEC_PER_SEC)

struct Backchannel {
    Courier *courier;
    Dispatcher *dispatcher;
    GPtrArray *errands; /* owned; all that are handed out */
};

/* One app that is to be told. */
typedef struct Errand {
    Backchannel *backchannel;
    Task *task; /* NULL: it is closed */
    GSource *wait;
    gboolean sent; /* on its way */
} Errand;

static void errand_free(gpointer data)
{
    Errand *errand = data;

    if (errand->wait) {
        g_source_destroy(errand->wait);
        g_source_unref(errand->wait);
    }
    g_clear_pointer(&errand->task, task_free);
    g_free(errand);
}

/* Takes @errand over. */
static void errand_close(Errand *errand, TaskEnd end)
{
    GPtrArray *errands = errand->backchannel->errands;
    Task *task = g_steal_pointer(&errand->task);

    g_assert(g_ptr_array_remove_fast(errands, errand));
    task_close(task, end);
}

static void could_not_tell(const char *problem)
{
    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_LOGOUT_FAILED, NULL,
        "An app could not be told of a logout, and will be again: %s", problem);
}

static char *host_of(const Errand *errand)
{
    g_autoptr(GUri) uri = g_uri_parse(errand->task->entry->to, G_URI_FLAGS_NONE, NULL);

    return g_strdup(uri ? g_uri_get_host(uri) : "?");
}

/* 2.8: 200, or 204 of old ones, is done; 400 and the like is its last word; all else may pass. */
static TaskEnd judge(const Errand *errand, guint status)
{
    g_autofree char *host = host_of(errand);
    g_autofree char *problem = g_strdup_printf("%s answered %u", host, status);

    if (status / 100 == 2) {
        log_event(LOG_LEVEL_DEBUG, LOG_EVENT_LOGOUT_TOLD, NULL, "An app was told of a logout");
        return TASK_DONE;
    }
    if (status / 100 == 4 && status != 408 && status != 429) {
        log_event(
            LOG_LEVEL_NOTICE, LOG_EVENT_LOGOUT_REFUSED, NULL,
            "An app did not take the word of a logout: %s", problem);
        return TASK_DONE;
    }
    could_not_tell(problem);
    return TASK_LATER;
}

static void come_back(const CourierAnswer *answer, const GError *error, gpointer data)
{
    Errand *errand = data;

    if (answer) {
        errand_close(errand, judge(errand, answer->status));
    } else {
        could_not_tell(error->message);
        errand_close(errand, TASK_LATER);
    }
}

/* (transfer full): the form, with a token that is as old as the request. */
static GBytes *form_make(const Errand *errand, GError **error)
{
    const Task *task = errand->task;
    const SigningKeys *keys = runner_signing_keys(
        dispatcher_runner(errand->backchannel->dispatcher), task->tenant, error);
    g_autofree char *token =
        keys ? logout_token_make(keys, task->tenant->issuer, task->entry, g_get_real_time(), error)
             : NULL;

    if (!token) {
        return NULL;
    }
    char *form = g_strconcat("logout_token=", token, NULL); /* base64url and dots: as it is */
    return g_bytes_new_take(form, strlen(form));
}

static void send_now(Errand *errand)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) form = form_make(errand, &error);

    if (!form) {
        could_not_tell(error->message);
        errand_close(errand, TASK_LATER);
        return;
    }
    const CourierRequest request = {
        errand->task->entry->to, "application/x-www-form-urlencoded", form};
    errand->sent = TRUE;
    courier_send(errand->backchannel->courier, &request, come_back, errand);
}

/* Whether it may be on its way beside those that are. */
static gboolean fits(const Errand *errand)
{
    const GPtrArray *errands = errand->backchannel->errands;
    const OutboxEntry *entry = errand->task->entry;
    guint of_app = 0;
    guint retries = 0;

    for (guint i = 0; i < errands->len; i++) {
        const Errand *other = errands->pdata[i];
        if (other->sent) {
            const OutboxEntry *there = other->task->entry;
            of_app += g_str_equal(there->client_id, entry->client_id) ? 1 : 0;
            retries += there->tries > 0 ? 1 : 0;
        }
    }
    return of_app < BACKCHANNEL_OF_APP_MAX &&
           (entry->tries == 0 || retries < BACKCHANNEL_RETRIES_MAX);
}

static void go(Errand *errand)
{
    if (fits(errand)) {
        send_now(errand);
    } else {
        errand_close(errand, TASK_LATER);
    }
}

static gboolean waited(gpointer data)
{
    Errand *errand = data;

    g_clear_pointer(&errand->wait, g_source_unref);
    go(errand);
    return G_SOURCE_REMOVE;
}

static void wait_at_random(Errand *errand)
{
    guint msec = random_below((guint32)(LOGOUT_WAIT_USEC_MAX / 1000));

    errand->wait = g_timeout_source_new(msec);
    g_source_set_callback(errand->wait, waited, errand, NULL);
    g_source_attach(errand->wait, NULL);
}

static void take(Task *task, gpointer data)
{
    Backchannel *backchannel = data;
    Errand *errand = g_new0(Errand, 1);

    *errand = (Errand){.backchannel = backchannel, .task = task};
    g_ptr_array_add(backchannel->errands, errand);
    if (g_get_real_time() - task->entry->next_usec > LATE_USEC) {
        wait_at_random(errand);
    } else {
        go(errand);
    }
}

Backchannel *backchannel_new(Courier *courier, Store *store, const CoreConfig *core)
{
    Backchannel *backchannel = g_new0(Backchannel, 1);
    const DispatcherWay way = {
        .lane = OUTBOX_LANE_LOGOUT,
        .at_once = BACKCHANNEL_AT_ONCE,
        .send = take,
        .data = backchannel,
    };

    backchannel->courier = courier;
    backchannel->errands = g_ptr_array_new_with_free_func(errand_free);
    backchannel->dispatcher = dispatcher_new(store, core, &way);
    return backchannel;
}

void backchannel_free(Backchannel *backchannel)
{
    if (!backchannel) {
        return;
    }
    dispatcher_stop(backchannel->dispatcher);
    g_ptr_array_unref(backchannel->errands);
    dispatcher_free(backchannel->dispatcher);
    g_free(backchannel);
}
