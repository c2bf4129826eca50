/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * dispatcher.h - takes what is due from one lane of the outbox, hands it out, and closes it
 *
 * It looks when an entry is announced (a while later, where the way wants it), when one is due, and
 * when one of its own has been closed. An entry that nobody closes before its lease is over (a
 * crash) is handed out again: at least once.
 */

#include "core/outbox.h"
#include "core/run.h"

typedef struct Dispatcher Dispatcher;

/* One entry that is handed out; whoever has it closes it. */
typedef struct Task {
    Dispatcher *dispatcher;
    const Tenant *tenant;
    OutboxEntry *entry;
    gpointer data; /* of whoever has it */
} Task;

typedef enum TaskEnd {
    TASK_DONE,  /* sent, or never to be sent: it goes */
    TASK_LATER, /* tried once more, unless it expires before: then the log is told */
} TaskEnd;

typedef struct DispatcherWay {
    OutboxLane lane;
    guint at_once; /* tasks at most that are handed out and not closed */
    /* Between these two, at random, it waits after an announcement, so that the answer which is
     * just leaving can't tell what is handed out; both 0: it doesn't wait. */
    guint rest_usec_min, rest_usec_max;
    void (*send)(Task *task, gpointer data);
    gpointer data;
} DispatcherWay;

Dispatcher *dispatcher_new(Store *store, const CoreConfig *core, const DispatcherWay *way);
/* Hands out nothing more; what is handed out may be closed until dispatcher_free(), and is nobody's
 * afterwards. */
void dispatcher_stop(Dispatcher *dispatcher);
guint dispatcher_tasks(const Dispatcher *dispatcher); /* handed out, not closed */
void dispatcher_free(Dispatcher *dispatcher);         /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dispatcher, dispatcher_free)

Runner *dispatcher_runner(const Dispatcher *dispatcher);

/* Takes @task over. */
void task_close(Task *task, TaskEnd end);
/* Drops @task without a word to the store, where its lease ends. */
void task_free(Task *task);
