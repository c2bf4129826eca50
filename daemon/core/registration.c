/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/registration.h"

#include "core/app-settings.h"
#include "core/limit.h"
#include "core/network.h"
#include "core/scope.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

#define SWEEP_LOOKS   64U /* apps looked at by one sweep */
#define SWEEP_REMOVES 4U  /* each takes its keys and resources with it */

static const ListName registered = {LIST_REGISTERED_APPS, "all", 3};

static void answer_clear(gpointer data)
{
    g_clear_pointer(&((RegistrationAnswer *)data)->app, app_free);
}

static Outcome refuse(RegistrationAnswer *answer, Reason reason, const char *description)
{
    answer->reason = reason;
    answer->description = description;
    return OUTCOME_DENIED;
}

gboolean registration_settle(Txn *txn, const App *app, gboolean may_go, GError **error)
{
    return may_go ? list_add(txn, &registered, &app->id, error)
                  : list_remove(txn, &registered, &app->id, error);
}

gboolean registration_touch(Txn *txn, const App *app, GError **error)
{
    g_autoptr(App) touched = NULL;

    if (!app->registered || txn_now(txn) - app->used_usec < USEC_PER_DAY) {
        return TRUE;
    }
    if (!app_load(txn, &app->id, &touched, error)) {
        return FALSE;
    }
    touched->used_usec = txn_now(txn);
    return app_save(txn, touched, error);
}

/* Budgets last: a request that is over one writes nothing, and one that is wrong costs nothing. */
static Outcome may_enter(Txn *txn, const Caller *caller, RegistrationAnswer *answer, GError **error)
{
    g_autofree char *group = network_group(caller->address);
    const LimitUse uses[] = {
        {LIMIT_REGISTER_CLIENT, group, group ? strlen(group) : 0},
        {LIMIT_REGISTER_CLIENT, limit_everybody, strlen(limit_everybody)},
    };
    g_autoptr(GArray) live = list_take(txn, &registered, NULL, REGISTRATIONS_MAX, error);
    gboolean allowed = FALSE;
    guint retry = 0;

    if (!live) {
        return OUTCOME_BROKEN;
    }
    if (live->len == REGISTRATIONS_MAX) {
        return refuse(answer, REASON_TOO_MANY, "too many apps have registered themselves");
    }
    if (!limit_take(txn, caller, uses, G_N_ELEMENTS(uses), &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    return allowed ? OUTCOME_GRANTED
                   : refuse(answer, REASON_TOO_MANY, "too many apps were registered from there");
}

static Outcome enter(
    Txn *txn,
    const RegistrationAsked *asked,
    const AppAsked *settings,
    RegistrationAnswer *answer,
    GError **error)
{
    App *app = answer->app = g_new0(App, 1);

    random_id(&app->id);
    app_settings_apply(app, settings);
    if (!app->name) {
        app->name = redirect_uri_target(*app->redirect_uris);
    }
    if (!asked->scope || !scope_parse(asked->scope, &app->scopes)) {
        app->scopes = g_strdupv((char **)app_scopes_default);
    }
    app->registered = TRUE;
    app->used_usec = txn_now(txn);
    return registration_settle(txn, app, TRUE, error) && app_enter(txn, app, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

Outcome registration_add(
    Txn *txn,
    const RegistrationAsked *asked,
    RegistrationAnswer *ret_answer,
    GError **error)
{
    Reason reason = REASON_NONE;
    AppAsked settings;
    const char *problem = registration_problem(asked, &settings, &reason);

    if (problem) {
        return refuse(ret_answer, reason, problem);
    }
    Outcome outcome = may_enter(txn, asked->caller, ret_answer, error);
    return outcome == OUTCOME_GRANTED ? enter(txn, asked, &settings, ret_answer, error) : outcome;
}

static gboolean is_over(const Txn *txn, const App *app)
{
    return txn_now(txn) - app->used_usec >= REGISTRATION_IDLE_USEC;
}

static gboolean sweep_one(Txn *txn, const Id *id, SweepAnswer *answer, GError **error)
{
    g_autoptr(App) app = NULL;

    if (!app_load(txn, id, &app, error)) {
        return FALSE;
    }
    if (!app || !is_over(txn, app)) {
        return TRUE;
    }
    answer->removed++;
    return app_discard(txn, app, error);
}

Outcome
registration_sweep(Txn *txn, const SweepAsked *asked, SweepAnswer *ret_answer, GError **error)
{
    const Id *after = id_is_none(&asked->after) ? NULL : &asked->after;
    g_autoptr(GArray) ids = NULL;
    guint i = 0;

    if (!txn_is_calm(txn)) {
        return OUTCOME_GRANTED;
    }
    ids = list_take(txn, &registered, after, SWEEP_LOOKS, error);
    for (; ids && i < ids->len && ret_answer->removed < SWEEP_REMOVES; i++) {
        if (!sweep_one(txn, &g_array_index(ids, Id, i), ret_answer, error)) {
            return OUTCOME_BROKEN;
        }
    }
    if (ids && i > 0 && (i < ids->len || ids->len == SWEEP_LOOKS)) {
        ret_answer->after = g_array_index(ids, Id, i - 1);
    }
    return ids ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

ACT_DEFINE(registration_add, RegistrationAsked, RegistrationAnswer, answer_clear);
ACT_DEFINE(registration_sweep, SweepAsked, SweepAnswer, NULL);
