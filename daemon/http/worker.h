/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * worker.h - one thread that serves HTTP, with a main context, streams, a SoupServer and a Runner
 * of its own
 *
 * What it shares with other workers is given to it: store and configuration, and the crowd. All but
 * the thread itself is done by whoever makes it.
 */

#include "http/arrivals.h"
#include "http/crowd.h"
#include "http/server.h"

typedef struct HttpWorker HttpWorker;

/**
 * http_worker_new() - start a thread
 * @config: outlives the worker; its soft limits are every worker's
 * @beside: another runner of the same store
 * @crowd: who leaves is counted out of it
 */
HttpWorker *
http_worker_new(const HttpConfig *config, const Runner *beside, Crowd *crowd, GError **error);

/* Serves a connection that has entered the crowd. Takes @arrival. */
void http_worker_take(HttpWorker *worker, Arrival *arrival);

/* Looks for connections that can go, while the crowd has an excess. */
void http_worker_make_room(HttpWorker *worker);

/* Whether it has turned since it was asked the last time; asks it for the next. */
gboolean http_worker_is_turning(HttpWorker *worker);

/* How many connections it has. */
guint http_worker_load(const HttpWorker *worker);

/* Asks the thread to answer what it has begun (2 s at most), to close all and to end. */
void http_worker_stop(HttpWorker *worker);
/* Stops it, and waits until it has ended. */
void http_worker_free(HttpWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpWorker, http_worker_free)
