/* SPDX-License-Identifier: GPL-3.0-or-later */

/* app-acts.c - what an administrator does with apps */

#include "core/api-key.h"
#include "core/app-resource.h"
#include "core/app-settings.h"
#include "core/ending.h"
#include "core/registration.h"
#include "crypto/random.h"
#include "store/list.h"

#define APPS_LISTED_MAX 10000U

static const ListName all_apps = {LIST_APPS, "all", 3};
const char *const app_scopes_default[] = {"openid", "profile.basic", "offline_access", NULL};

static void answer_clear(gpointer data)
{
    AppAnswer *answer = data;

    g_clear_pointer(&answer->app, app_free);
    g_clear_pointer(&answer->apps, g_ptr_array_unref);
}

static Outcome refuse(AppAnswer *answer, Reason reason, const char *problem)
{
    answer->reason = reason;
    answer->problem = problem;
    return OUTCOME_DENIED;
}

gboolean app_enter(Txn *txn, App *app, GError **error)
{
    app->level = APP_UNVERIFIED;
    app->state = APP_CLEAN;
    app->born_usec = txn_now(txn);
    txn_announce(txn, KIND_APP, &app->id, CHANGE_ADDED);
    return app_save(txn, app, error) && list_add(txn, &all_apps, &app->id, error);
}

/* A resource belongs to one app: what another one has is refused, and nothing is changed. */
static Outcome apply(Txn *txn, App *app, const AppAsked *asked, AppAnswer *answer, GError **error)
{
    gboolean taken = FALSE;

    if (asked->resources && !app_resources_claim(txn, app, asked->resources, &taken, error)) {
        return OUTCOME_BROKEN;
    }
    if (taken) {
        return refuse(answer, REASON_EXISTS, "another app has that resource");
    }
    app_settings_apply(app, asked);
    return OUTCOME_GRANTED;
}

Outcome app_add(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    AppAsked whole = *asked;
    Reason reason = REASON_NONE;

    whole.scopes = asked->scopes ? asked->scopes : app_scopes_default;
    const char *problem = app_settings_missing(&whole, &reason);
    if (!problem) {
        problem = app_settings_problem(&whole, &reason);
    }
    if (problem) {
        return refuse(ret_answer, reason, problem);
    }

    App *app = ret_answer->app = g_new0(App, 1);
    random_id(&app->id);
    Outcome outcome = apply(txn, app, &whole, ret_answer, error);
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    return app_enter(txn, app, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome
app_list(Txn *txn, G_GNUC_UNUSED const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, &all_apps, NULL, APPS_LISTED_MAX, error);

    ret_answer->apps = g_ptr_array_new_with_free_func((GDestroyNotify)app_free);
    for (guint i = 0; ids && i < ids->len; i++) {
        App *app = NULL;
        if (!app_load(txn, &g_array_index(ids, Id, i), &app, error)) {
            return OUTCOME_BROKEN;
        }
        if (app) {
            g_ptr_array_add(ret_answer->apps, app);
        }
    }
    return ids ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome app_show(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    if (!app_load(txn, asked->id, &ret_answer->app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!ret_answer->app || ret_answer->app->service) {
        return refuse(ret_answer, REASON_NOT_FOUND, "there is no such app");
    }
    return OUTCOME_GRANTED;
}

/* Whoever is verified stays; whoever no longer is has its time once more. */
static gboolean change(Txn *txn, App *app, const AppAsked *asked, GError **error)
{
    if (asked->verified) {
        app->used_usec = txn_now(txn);
    }
    txn_announce(txn, KIND_APP, &app->id, CHANGE_CHANGED);
    return app_save(txn, app, error) &&
           (!app->registered || registration_settle(txn, app, app_is_unknown(app), error));
}

Outcome app_set(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    Reason reason = REASON_NONE;
    const char *problem = app_settings_problem(asked, &reason);
    Outcome outcome = problem ? refuse(ret_answer, REASON_BAD_REQUEST, problem)
                              : app_show(txn, asked, ret_answer, error);

    if (outcome == OUTCOME_GRANTED) {
        outcome = apply(txn, ret_answer->app, asked, ret_answer, error);
    }
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    return change(txn, ret_answer->app, asked, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

gboolean app_discard(Txn *txn, const App *app, GError **error)
{
    txn_set_revoking(txn);
    txn_announce(txn, KIND_APP, &app->id, CHANGE_REMOVED);
    return ending_add_app(txn, &app->id, error) && app_resources_release(txn, app, error) &&
           api_key_revoke_all(txn, &app->id, error) &&
           registration_settle(txn, app, FALSE, error) &&
           list_remove(txn, &all_apps, &app->id, error) &&
           txn_delete(txn, KIND_APP, app->id.bytes, ID_BYTES, error);
}

Outcome app_remove(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    Outcome outcome = app_show(txn, asked, ret_answer, error);

    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    return app_discard(txn, ret_answer->app, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

ACT_DEFINE(app_add, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_list, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_show, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_set, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_remove, AppAsked, AppAnswer, answer_clear);
