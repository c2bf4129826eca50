/* SPDX-License-Identifier: GPL-3.0-or-later */

/* app-acts.c - what an administrator does with apps */

#include "base/text.h"
#include "core/api-key.h"
#include "core/app.h"
#include "core/identity.h"
#include "core/scope.h"
#include "crypto/random.h"
#include "store/list.h"

#define APPS_LISTED_MAX 10000U
#define IDENTITIES_REMOVED_MAX                                                                     \
    200U /* at once; the rest is out of reach with the app, and goes when touched */

static const ListName all_apps = {LIST_APPS, "all", 3};
static const char *const default_scopes[] = {"openid", "profile.basic", "offline_access", NULL};

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

static const char *name_problem(const char *name)
{
    if (!name || !*name || !text_is_plain(name)) {
        return "the name is empty, or has control or bidi characters";
    }
    return g_utf8_strlen(name, -1) > (glong)APP_NAME_CHARS_MAX
               ? "the name is longer than 64 characters"
               : NULL;
}

static const char *uris_problem(const char *const *uris)
{
    if (!uris || !*uris) {
        return "a redirect URI is missing";
    }
    if (g_strv_length((char **)uris) > APP_REDIRECT_URIS_MAX) {
        return "more than 32 redirect URIs";
    }
    for (; *uris; uris++) {
        if (redirect_uri_problem(*uris)) {
            return redirect_uri_problem(*uris);
        }
    }
    return NULL;
}

static const char *scopes_problem(const char *const *scopes)
{
    if (g_strv_length((char **)scopes) > APP_SCOPES_MAX) {
        return "more than 32 scopes";
    }
    for (; *scopes; scopes++) {
        if (!scope_is_known(*scopes)) {
            return "a scope is not known";
        }
    }
    return NULL;
}

Outcome app_add(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    const char *const *scopes = asked->scopes ? asked->scopes : default_scopes;
    const char *problem = name_problem(asked->name);

    if (problem) {
        return refuse(ret_answer, REASON_BAD_REQUEST, problem);
    }
    problem = uris_problem(asked->redirect_uris);
    if (problem) {
        return refuse(ret_answer, REASON_REDIRECT_URI, problem);
    }
    problem = scopes_problem(scopes);
    if (problem) {
        return refuse(ret_answer, REASON_SCOPE_INVALID, problem);
    }

    App *app = ret_answer->app = g_new0(App, 1);
    random_id(&app->id);
    app->name = g_strdup(asked->name);
    app->redirect_uris = g_strdupv((char **)asked->redirect_uris);
    app->scopes = g_strdupv((char **)scopes);
    app->level = APP_UNVERIFIED;
    app->state = APP_CLEAN;
    app->born_usec = txn_now(txn);
    if (!app_save(txn, app, error) || !list_add(txn, &all_apps, &app->id, error)) {
        return OUTCOME_BROKEN;
    }
    txn_announce(txn, KIND_APP, &app->id, CHANGE_ADDED);
    return OUTCOME_GRANTED;
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

static const char *change_problem(const AppAsked *asked)
{
    const char *problem = asked->name ? name_problem(asked->name) : NULL;

    if (!problem && asked->redirect_uris) {
        problem = uris_problem(asked->redirect_uris);
    }
    return problem || !asked->scopes ? problem : scopes_problem(asked->scopes);
}

static void change_texts(char ***place, const char *const *texts)
{
    if (texts) {
        g_strfreev(*place);
        *place = g_strdupv((char **)texts);
    }
}

Outcome app_set(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    const char *problem = change_problem(asked);
    Outcome outcome = problem ? refuse(ret_answer, REASON_BAD_REQUEST, problem)
                              : app_show(txn, asked, ret_answer, error);
    App *app = ret_answer->app;

    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    if (asked->name) {
        g_free(app->name);
        app->name = g_strdup(asked->name);
    }
    change_texts(&app->redirect_uris, asked->redirect_uris);
    change_texts(&app->scopes, asked->scopes);
    txn_announce(txn, KIND_APP, &app->id, CHANGE_CHANGED);
    return app_save(txn, app, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

static gboolean identities_remove(Txn *txn, const Id *app, GError **error)
{
    const ListName name = {LIST_IDENTITIES_OF_APP, app->bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, IDENTITIES_REMOVED_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(Identity) identity = NULL;
        if (!identity_load(txn, &g_array_index(ids, Id, i), &identity, error) ||
            (identity && !identity_remove(txn, identity, error))) {
            return FALSE;
        }
    }
    return ids != NULL;
}

Outcome app_remove(Txn *txn, const AppAsked *asked, AppAnswer *ret_answer, GError **error)
{
    Outcome outcome = app_show(txn, asked, ret_answer, error);

    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    txn_set_revoking(txn);
    txn_announce(txn, KIND_APP, asked->id, CHANGE_REMOVED);
    return identities_remove(txn, asked->id, error) && api_key_revoke_all(txn, asked->id, error) &&
                   list_remove(txn, &all_apps, asked->id, error) &&
                   txn_delete(txn, KIND_APP, asked->id->bytes, ID_BYTES, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

ACT_DEFINE(app_add, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_list, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_show, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_set, AppAsked, AppAnswer, answer_clear);
ACT_DEFINE(app_remove, AppAsked, AppAnswer, answer_clear);
