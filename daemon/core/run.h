/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * run.h - the only place that opens transactions
 *
 * A Runner belongs to one main context. It finds the caller that the route's row names, in the
 * act's own transaction, runs the act, again after a conflict, and commits unless the outcome is
 * BROKEN: a wrong try counts. It hands the answer and its point to the caller's context: maybe
 * before runner_run() returns, maybe later.
 */

#include "base/held.h"
#include "core/act.h"
#include "core/signing-keys.h"

typedef struct Runner Runner;

typedef struct RunCall {
    const ActType *act;
    gconstpointer asked; /* lives until done */
    Caller *caller;      /* lives until done; asked->caller points to it */
} RunCall;

/**
 * RunDone - the answer of one run
 * @answer: an XAnswer of the act's type, cleared when this returns; its first member is the Reason
 * @point: what is sent because of it must wait for this (runner_hold)
 * @error: set when BROKEN
 */
typedef void (
    *RunDone)(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data);

typedef void (*RunHeard)(const Announcement *announcement, gpointer data);

/**
 * runner_new() - one for each main context
 * @context: (nullable): the default one
 * @heard: (nullable): called in @context for each announcement, once durable
 */
Runner *runner_new(
    Store *store,
    const CoreConfig *config,
    GMainContext *context,
    RunHeard heard,
    gpointer data);
void runner_free(Runner *runner); /* drops what is held */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Runner, runner_free)

const CoreConfig *runner_config(const Runner *runner);
gboolean runner_is_read_only(const Runner *runner);
/* Until the runner is freed @changed is called in its context when that changes. */
typedef void (*RunReadOnly)(gboolean read_only, gpointer data);
void runner_watch_read_only(Runner *runner, RunReadOnly changed, gpointer data);
Store *runner_store(const Runner *runner); /* for core/keep */

/* What was found of the caller stays in it for the done function: its owner clears it
 * (caller_clear). */
void runner_run(Runner *runner, const RunCall *call, RunDone done, gpointer data);

/* Holds an answer until @point is durable, then @leave lets it go, in the runner's context. If the
 * runner is freed first, @drop is called instead. */
void runner_hold(
    Runner *runner,
    guint64 point,
    HeldLeave leave,
    GDestroyNotify drop,
    gpointer data);

/* The tenant's keys, loaded once and anew after a rotation. (transfer none): good until this is
 * called again, or the runner is freed. */
const SigningKeys *runner_signing_keys(Runner *runner, const Tenant *tenant, GError **error);
