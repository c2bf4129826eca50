/* SPDX-License-Identifier: GPL-3.0-or-later */

/* me.c - what a person sees of himself, and leaving an app */

#include "base/secret.h"
#include "core/app.h"
#include "core/identity.h"
#include "core/known-key.h"
#include "core/mute.h"
#include "core/service.h"
#include "core/session.h"
#include "store/list.h"

#define APPS_SHOWN_MAX 500U

static void app_row_clear(gpointer data)
{
    SessionAppRow *row = data;

    g_free(row->name);
    g_free(row->slug);
    g_strfreev(row->scopes);
}

static void answer_clear(gpointer data)
{
    MeAnswer *answer = data;

    secret_text_free(answer->email);
    g_clear_pointer(&answer->sessions, g_array_unref);
    g_clear_pointer(&answer->apps, g_array_unref);
    g_clear_pointer(&answer->mutes, g_ptr_array_unref);
    g_clear_pointer(&answer->keys, g_ptr_array_unref);
    g_free(answer->form_token);
    *answer = (MeAnswer){0};
}

static char *name_of(const App *app, const CoreConfig *config)
{
    g_autofree char *target = app_is_unknown(app) ? redirect_uri_target(*app->redirect_uris) : NULL;
    const char *place = app->service ? config->host_name : target;

    return place ? g_strdup_printf("%s (%s)", app->name, place) : g_strdup(app->name);
}

static gboolean
add_app(Txn *txn, const CoreConfig *config, const Id *id, GArray *rows, GError **error)
{
    g_autoptr(Identity) identity = NULL;
    g_autoptr(App) app = NULL;
    char slug[ID_TEXT_CHARS + 1];

    if (!identity_load(txn, id, &identity, error) ||
        (identity && !app_load(txn, &identity->app, &app, error))) {
        return FALSE;
    }
    if (!app) {
        return TRUE; /* removed meanwhile */
    }
    id_to_text(&identity->slug, slug);
    const SessionAppRow row = {
        .identity = identity->id,
        .name = name_of(app, config),
        .service = app->service,
        .takes_code = app->service && service_takes_codes(config, app->name),
        .slug = g_strdup(slug),
        .scopes = g_strdupv(identity->scopes),
        .born_usec = identity->born_usec,
    };
    g_array_append_val(rows, row);
    return TRUE;
}

static GArray *app_rows(Txn *txn, const Caller *caller, GError **error)
{
    const ListName name = {LIST_IDENTITIES_OF_ACCOUNT, caller->account->id.bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, APPS_SHOWN_MAX, error);
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(SessionAppRow));

    g_array_set_clear_func(rows, app_row_clear);
    for (guint i = 0; ids && i < ids->len; i++) {
        if (!add_app(txn, caller->config, &g_array_index(ids, Id, i), rows, error)) {
            return NULL;
        }
    }
    return ids ? g_steal_pointer(&rows) : NULL;
}

Outcome me_show(Txn *txn, const MeAsked *asked, MeAnswer *ret_answer, GError **error)
{
    const Caller *caller = asked->caller;

    ret_answer->email = account_email(txn, caller->account, error);
    if (!ret_answer->email) {
        return OUTCOME_BROKEN;
    }
    ret_answer->sessions = session_rows(txn, &caller->account->id, caller->session, error);
    if (!ret_answer->sessions) {
        return OUTCOME_BROKEN;
    }
    ret_answer->apps = app_rows(txn, caller, error);
    if (!ret_answer->apps) {
        return OUTCOME_BROKEN;
    }
    ret_answer->mutes = mute_rows(txn, &caller->account->id, error);
    if (!ret_answer->mutes) {
        return OUTCOME_BROKEN;
    }
    ret_answer->keys = known_key_rows(txn, caller->config, &caller->account->id, error);
    if (!ret_answer->keys) {
        return OUTCOME_BROKEN;
    }
    ret_answer->form_token = session_form_token(txn, caller);
    return OUTCOME_GRANTED;
}
ACT_DEFINE(me_show, MeAsked, MeAnswer, answer_clear);

Outcome me_leave(Txn *txn, const MeAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    g_autoptr(Identity) identity = NULL;

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        ret_answer->reason = REASON_FORM_TOKEN;
        return OUTCOME_DENIED;
    }
    if (asked->target && !identity_load(txn, asked->target, &identity, error)) {
        return OUTCOME_BROKEN;
    }
    if (!identity || !id_equal(&identity->account, &asked->caller->account->id)) {
        ret_answer->reason = REASON_NOT_FOUND;
        return OUTCOME_DENIED;
    }
    return identity_remove(txn, identity, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(me_leave, MeAsked, PlainAnswer, NULL);
