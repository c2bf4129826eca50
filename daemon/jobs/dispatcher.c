/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * dispatcher.c - one look at a time for each tenant: it takes what fits, and goes on where the last
 * part of the lane ended
 */

#include "jobs/dispatcher.h"

#include "base/log-events.h"
#include "base/log.h"
#include "crypto/random.h"

#define LOOK_AGAIN_USEC_MIN (G_USEC_PER_SEC / 10)
#define LOOK_AGAIN_USEC_MAX (60 * G_USEC_PER_SEC)

/* The lane of one tenant. */
typedef struct Queue {
    const Tenant *tenant;
    gboolean busy;       /* it is being looked at */
    guint32 day, number; /* where the next look begins */
} Queue;

struct Dispatcher {
    DispatcherWay way;
    Queue *queues; /* one for each tenant */
    guint queues_count;
    Runner *runner;
    guint tasks;
    GSource *timer;
    gboolean stopping;
};

/* One act under way. */
typedef struct Call {
    Dispatcher *dispatcher;
    Queue *queue; /* of a look */
    Caller caller;
    OutboxAsked asked;
    gint64 expires_usec; /* of the entry that is closed */
} Call;

static void look_all(Dispatcher *dispatcher);

/* Takes @call over. */
static void call_act(Call *call, const Tenant *tenant, const ActType *act, RunDone done)
{
    call->caller = (Caller){.kind = CALLER_DAEMON, .tenant = tenant};
    call->asked.lane = call->dispatcher->way.lane;
    call->asked.caller = &call->caller;
    const RunCall run = {act, &call->asked, &call->caller};
    runner_run(call->dispatcher->runner, &run, done, call);
}

static void outbox_is_broken(const GError *error)
{
    log_event(
        LOG_LEVEL_WARNING, LOG_EVENT_OUTBOX_FAILED, NULL, "The outbox can't be used: %s",
        error->message);
}

static gboolean timer_fired(gpointer data)
{
    Dispatcher *dispatcher = data;

    g_clear_pointer(&dispatcher->timer, g_source_unref);
    look_all(dispatcher);
    return G_SOURCE_REMOVE;
}

static void timer_clear(Dispatcher *dispatcher)
{
    if (dispatcher->timer) {
        g_source_destroy(dispatcher->timer);
        g_clear_pointer(&dispatcher->timer, g_source_unref);
    }
}

static void timer_set_exactly(Dispatcher *dispatcher, gint64 usec)
{
    gint64 ready = g_get_monotonic_time() + usec;

    if (dispatcher->stopping ||
        (dispatcher->timer && g_source_get_ready_time(dispatcher->timer) <= ready)) {
        return;
    }
    timer_clear(dispatcher);
    dispatcher->timer = g_timeout_source_new(0);
    g_source_set_ready_time(dispatcher->timer, ready);
    g_source_set_callback(dispatcher->timer, timer_fired, dispatcher, NULL);
    g_source_attach(dispatcher->timer, NULL);
}

static void timer_set(Dispatcher *dispatcher, gint64 usec)
{
    timer_set_exactly(dispatcher, CLAMP(usec, LOOK_AGAIN_USEC_MIN, LOOK_AGAIN_USEC_MAX));
}

static void hand_out(Dispatcher *dispatcher, const Tenant *tenant, OutboxEntry *entry)
{
    Task *task = g_new0(Task, 1);

    *task = (Task){dispatcher, tenant, entry, NULL};
    dispatcher->tasks++;
    dispatcher->way.send(task, dispatcher->way.data);
}

static void taken(Outcome outcome, gpointer data, guint64 point, const GError *error, gpointer user)
{
    const OutboxAnswer *answer = data;
    g_autofree Call *call = user;
    Dispatcher *dispatcher = call->dispatcher;
    Queue *queue = call->queue;

    (void)point; /* the lease binds only ourselves: after a power cut the entry is taken again */
    queue->busy = FALSE;
    if (outcome == OUTCOME_BROKEN) {
        outbox_is_broken(error);
        timer_set(dispatcher, LOOK_AGAIN_USEC_MAX);
        return;
    }
    queue->day = answer->day; /* both 0 when it came to the end */
    queue->number = answer->number;
    if (answer->next_usec) {
        timer_set(dispatcher, answer->next_usec - g_get_real_time());
    }
    while (answer->entries && answer->entries->len > 0 && !dispatcher->stopping) {
        hand_out(dispatcher, queue->tenant, g_ptr_array_steal_index(answer->entries, 0));
    }
}

/* Without room nothing is taken; the first task that is closed makes some, and looks. */
static void look(Dispatcher *dispatcher, Queue *queue)
{
    if (dispatcher->stopping || queue->busy || dispatcher->tasks >= dispatcher->way.at_once) {
        return;
    }
    Call *call = g_new0(Call, 1);
    queue->busy = TRUE;
    call->dispatcher = dispatcher;
    call->queue = queue;
    call->asked.max = dispatcher->way.at_once - dispatcher->tasks;
    call->asked.day = queue->day;
    call->asked.number = queue->number;
    call_act(call, queue->tenant, &outbox_take_act, taken);
}

static void look_all(Dispatcher *dispatcher)
{
    for (guint i = 0; i < dispatcher->queues_count; i++) {
        look(dispatcher, &dispatcher->queues[i]);
    }
}

static void heard(const Announcement *said, gpointer data)
{
    Dispatcher *dispatcher = data;

    if (said->kind != KIND_OUTBOX || said->change != CHANGE_ADDED) {
        return;
    }
    const DispatcherWay *way = &dispatcher->way;
    if (way->rest_usec_max > 0) {
        timer_set_exactly(
            dispatcher,
            way->rest_usec_min + random_below(way->rest_usec_max - way->rest_usec_min + 1));
        return;
    }
    for (guint i = 0; i < dispatcher->queues_count; i++) {
        if (g_str_equal(dispatcher->queues[i].tenant->name, said->tenant)) {
            look(dispatcher, &dispatcher->queues[i]);
        }
    }
}

static void
closed(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    g_autofree Call *call = data;

    (void)point;
    if (outcome == OUTCOME_BROKEN) { /* the lease ends, and it is sent again: at least once */
        outbox_is_broken(error);
        return;
    }
    gint64 next_usec = ((const OutboxAnswer *)answer)->next_usec; /* of one that waits */
    if (next_usec >= call->expires_usec) {
        log_event(
            LOG_LEVEL_NOTICE, LOG_EVENT_OUTBOX_GIVEN_UP, NULL,
            "What could not be sent is given up: it expires before it would be tried again");
    } else if (next_usec) {
        timer_set(call->dispatcher, next_usec - g_get_real_time());
    }
}

void task_free(Task *task)
{
    task->dispatcher->tasks--;
    outbox_entry_free(task->entry);
    g_free(task);
}

void task_close(Task *task, TaskEnd end)
{
    Dispatcher *dispatcher = task->dispatcher;
    Call *call = g_new0(Call, 1);

    call->dispatcher = dispatcher;
    call->asked.day = task->entry->day;
    call->asked.number = task->entry->number;
    call->expires_usec = task->entry->expires_usec;
    call_act(call, task->tenant, end == TASK_DONE ? &outbox_done_act : &outbox_later_act, closed);
    if (dispatcher->tasks == dispatcher->way.at_once) {
        timer_set(dispatcher, 0);
    }
    task_free(task);
}

Dispatcher *dispatcher_new(Store *store, const CoreConfig *core, const DispatcherWay *way)
{
    Dispatcher *dispatcher = g_new0(Dispatcher, 1);

    dispatcher->way = *way;
    dispatcher->queues_count = core->tenants->len;
    dispatcher->queues = g_new0(Queue, core->tenants->len);
    for (guint i = 0; i < core->tenants->len; i++) {
        dispatcher->queues[i].tenant = core->tenants->pdata[i];
    }
    dispatcher->runner = runner_new(store, core, NULL, heard, dispatcher);
    timer_set(dispatcher, 0);
    return dispatcher;
}

void dispatcher_stop(Dispatcher *dispatcher)
{
    dispatcher->stopping = TRUE;
    timer_clear(dispatcher);
}

guint dispatcher_tasks(const Dispatcher *dispatcher)
{
    return dispatcher->tasks;
}

Runner *dispatcher_runner(const Dispatcher *dispatcher)
{
    return dispatcher->runner;
}

void dispatcher_free(Dispatcher *dispatcher)
{
    if (!dispatcher) {
        return;
    }
    dispatcher_stop(dispatcher);
    runner_free(dispatcher->runner);
    g_free(dispatcher->queues);
    g_free(dispatcher);
}
