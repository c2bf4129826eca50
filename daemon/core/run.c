/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/run.h"

#include "base/error.h"
#include "core/app-token.h"
#include "core/chain.h"
#include "core/session.h"

#include <string.h>

#define RUN_TRIES_MAX 16U /* conflicts in a row, before the caller is told */

/* Before the context sleeps, all commits of a turn go to the disk together. */
typedef struct PushSource {
    GSource source;
    Store *store;
    gboolean wanted;
} PushSource;

struct Runner {
    Store *store;
    PushSource *push;
    const CoreConfig *config;
    HeldQueue *held;
    Bell *bell;
    StoreListener *listener;
    guint64 waits_for; /* as the listener was told; 0: for nothing */
    RunHeard heard;
    gpointer data;
    gboolean was_read_only;
    RunReadOnly read_only;
    gpointer read_only_data;
    GHashTable *signing_keys; /* name of the tenant -> SigningKeys */
    guint keyring_changes;    /* when they were loaded */
};

static void drop_keys(gpointer keys)
{
    signing_keys_free(keys);
}

static void look_at_room(Runner *runner)
{
    gboolean read_only = store_is_read_only(runner->store);

    if (read_only != runner->was_read_only) {
        runner->was_read_only = read_only;
        if (runner->read_only) {
            runner->read_only(read_only, runner->read_only_data);
        }
    }
}

/* The bell is to ring for the first answer that is held, and for nobody else's. */
static void wait_for_next(Runner *runner)
{
    guint64 next = held_queue_next(runner->held);

    if (next != runner->waits_for) {
        runner->waits_for = next;
        store_listener_wait(runner->listener, next ? next : STORE_WAIT_FOR_NOTHING);
    }
}

static void bell_heard(gpointer data)
{
    Runner *runner = data;
    g_autoptr(GPtrArray) announcements = store_listener_take(runner->listener);

    held_queue_release(runner->held, store_durable_point(runner->store));
    wait_for_next(runner);
    for (guint i = 0; runner->heard && i < announcements->len; i++) {
        runner->heard(announcements->pdata[i], runner->data);
    }
    look_at_room(runner);
}

static gboolean push_prepare(GSource *source, int *timeout)
{
    PushSource *push = (PushSource *)source;

    if (push->wanted) {
        push->wanted = FALSE;
        store_push(push->store);
    }
    *timeout = -1;
    return FALSE;
}

static PushSource *push_new(Store *store, GMainContext *context)
{
    static GSourceFuncs funcs = {.prepare = push_prepare};
    GSource *source = g_source_new(&funcs, sizeof(PushSource));

    ((PushSource *)source)->store = store;
    g_source_set_static_name(source, "commits");
    (void)g_source_attach(source, context);
    return (PushSource *)source;
}

Runner *runner_new(
    Store *store,
    const CoreConfig *config,
    GMainContext *context,
    RunHeard heard,
    gpointer data)
{
    Runner *runner = g_new0(Runner, 1);

    runner->store = store;
    runner->config = config;
    runner->heard = heard;
    runner->data = data;
    runner->push = push_new(store, context);
    runner->held = held_queue_new();
    runner->signing_keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop_keys);
    runner->bell = bell_new(context, bell_heard, runner);
    runner->listener = store_listen(store, runner->bell, heard != NULL);
    store_listener_wait(runner->listener, STORE_WAIT_FOR_NOTHING);
    return runner;
}

void runner_free(Runner *runner)
{
    if (!runner) {
        return;
    }
    store_push(runner->store);
    g_source_destroy(&runner->push->source);
    g_source_unref(&runner->push->source);
    store_listener_free(runner->listener);
    bell_mute(runner->bell);
    bell_unref(runner->bell);
    held_queue_free(runner->held);
    g_hash_table_unref(runner->signing_keys);
    g_free(runner);
}

Store *runner_store(const Runner *runner)
{
    return runner->store;
}

const CoreConfig *runner_config(const Runner *runner)
{
    return runner->config;
}

gboolean runner_is_read_only(const Runner *runner)
{
    return store_is_read_only(runner->store);
}

void runner_watch_read_only(Runner *runner, RunReadOnly changed, gpointer data)
{
    runner->read_only = changed;
    runner->read_only_data = data;
}

void runner_hold(Runner *runner, guint64 point, HeldLeave leave, GDestroyNotify drop, gpointer data)
{
    held_queue_add(runner->held, point, store_durable_point(runner->store), leave, drop, data);
    wait_for_next(runner);
}

/* The session of a browser. While the disk is full its last use is not noted: pages go on. */
static gboolean find_session(Runner *runner, Txn *txn, Caller *caller, GError **error)
{
    if (!caller->credential) {
        return TRUE;
    }
    if (!session_find(txn, caller->credential, &caller->session, &caller->account, error)) {
        return FALSE;
    }
    return !caller->session || store_is_read_only(runner->store) ||
           session_touch(txn, caller->session, error);
}

static Outcome found(gboolean there, Reason why_not, Reason *ret_reason)
{
    *ret_reason = there ? REASON_NONE : why_not;
    return there ? OUTCOME_GRANTED : OUTCOME_DENIED;
}

static gboolean find_chain(Txn *txn, Caller *caller, GError **error)
{
    ChainAccess access = {.chain = NULL};

    if (caller->credential && !chain_find_access(txn, caller->credential, NULL, &access, error)) {
        return FALSE;
    }
    caller->chain = access.chain;
    caller->identity = access.identity;
    caller->access_place = access.place;
    return TRUE;
}

/* GRANTED: the act may run. The reason otherwise stands first in its answer. */
static Outcome
find_caller(Runner *runner, Txn *txn, Caller *caller, Reason *ret_reason, GError **error)
{
    switch (caller->kind) {
    case CALLER_NONE:
    case CALLER_BUS:
    case CALLER_DAEMON:
        return OUTCOME_GRANTED;
    case CALLER_SESSION:
    case CALLER_SESSION_MAYBE:
        if (!find_session(runner, txn, caller, error)) {
            return OUTCOME_BROKEN;
        }
        return found(
            caller->session || caller->kind == CALLER_SESSION_MAYBE, REASON_SIGNED_OUT, ret_reason);
    case CALLER_USER_TOKEN:
        if (!find_chain(txn, caller, error)) {
            return OUTCOME_BROKEN;
        }
        return found(caller->chain != NULL, REASON_TOKEN_INVALID, ret_reason);
    case CALLER_APP_TOKEN:
        if (!app_token_find(txn, caller->credential, &caller->app_token, &caller->app, error)) {
            return OUTCOME_BROKEN;
        }
        return found(caller->app_token != NULL, REASON_TOKEN_INVALID, ret_reason);
    }
    *ret_reason = REASON_NOT_PERMITTED;
    return OUTCOME_DENIED;
}

/* One try: finds, acts, commits. */
static TxnEnd try_once(
    Runner *runner,
    const RunCall *call,
    gpointer answer,
    Outcome *ret_outcome,
    guint64 *ret_point,
    GError **error)
{
    g_autoptr(Txn) txn = txn_begin(runner->store, call->caller->tenant->name, error);

    *ret_outcome = OUTCOME_BROKEN;
    if (!txn) {
        return TXN_FAILED;
    }
    txn_set_gathered(txn);
    Outcome outcome = find_caller(runner, txn, call->caller, answer, error);
    if (outcome == OUTCOME_GRANTED) {
        outcome = call->act->run(txn, call->asked, answer, error);
    }
    if (outcome == OUTCOME_BROKEN) {
        return TXN_FAILED;
    }
    TxnEnd end = txn_commit(txn, ret_point, error);
    if (end == TXN_COMMITTED) {
        *ret_outcome = outcome;
        runner->push->wanted |= *ret_point > store_durable_point(runner->store);
    }
    return end;
}

static void answer_reset(const ActType *act, gpointer answer)
{
    if (act->answer_clear) {
        act->answer_clear(answer);
    }
    memset(answer, 0, act->answer_size);
}

void runner_run(Runner *runner, const RunCall *call, RunDone done, gpointer data)
{
    const ActType *act = call->act;
    g_autofree gpointer answer = g_malloc0(act->answer_size);
    g_autoptr(GError) error = NULL;
    Outcome outcome = OUTCOME_BROKEN;
    guint64 point = 0;
    TxnEnd end = TXN_CONFLICT;

    call->caller->config = runner->config;
    for (guint i = 0; end == TXN_CONFLICT && i < RUN_TRIES_MAX; i++) {
        caller_clear(call->caller);
        answer_reset(call->act, answer);
        end = try_once(runner, call, answer, &outcome, &point, &error);
    }
    if (outcome == OUTCOME_BROKEN) {
        answer_reset(call->act, answer); /* nothing of it has happened */
        point = 0;
    }
    if (outcome == OUTCOME_BROKEN && !error) {
        g_set_error(
            &error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s met %u conflicts in a row",
            call->act->name, RUN_TRIES_MAX);
    }
    done(outcome, answer, point, error, data); /* which may free the call */
    answer_reset(act, answer);
}

/* The keyring changes under the store's lock alone; who comes too early here comes again. */
static void forget_old_keys(Runner *runner)
{
    guint changes = store_keyring_changes(runner->store);

    if (changes != runner->keyring_changes) {
        runner->keyring_changes = changes;
        g_hash_table_remove_all(runner->signing_keys);
    }
}

const SigningKeys *runner_signing_keys(Runner *runner, const Tenant *tenant, GError **error)
{
    forget_old_keys(runner);
    SigningKeys *keys = g_hash_table_lookup(runner->signing_keys, tenant->name);
    if (keys) {
        return keys;
    }
    g_autoptr(Txn) txn = txn_begin(runner->store, tenant->name, error);
    keys = txn ? signing_keys_load(txn, error) : NULL;
    if (keys) {
        g_hash_table_insert(runner->signing_keys, g_strdup(tenant->name), keys);
    }
    return keys;
}
