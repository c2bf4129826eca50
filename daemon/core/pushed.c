/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/pushed.h"

#include "core/authorization-check.h"
#include "core/limit.h"
#include "core/network.h"
#include "crypto/random.h"

#include <string.h>

static void answer_clear(gpointer data)
{
    g_clear_pointer(&((PushAnswer *)data)->request_uri, g_free);
}

static Outcome refuse(PushAnswer *answer, Reason reason, const char *description)
{
    answer->reason = reason;
    answer->description = description;
    return OUTCOME_DENIED;
}

gboolean pushed_id_from_uri(const char *request_uri, Id *ret_id)
{
    return request_uri && g_str_has_prefix(request_uri, PUSHED_URI_PREFIX) &&
           id_from_text(request_uri + strlen(PUSHED_URI_PREFIX), ret_id);
}

gboolean pushed_load(
    Txn *txn,
    const Id *id,
    const Id *app,
    Authorization **ret_authorization,
    GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(Authorization) authorization = NULL;

    *ret_authorization = NULL;
    if (!txn_get(txn, KIND_PUSHED, id->bytes, ID_BYTES, &bytes, error)) {
        return FALSE;
    }
    if (!bytes) {
        return TRUE;
    }
    authorization = record_decode(&authorization_table, bytes, error);
    if (!authorization) {
        return FALSE;
    }
    if (id_equal(&authorization->app, app)) {
        authorization->born_usec = txn_now(txn);
        authorization->pushed = *id;
        *ret_authorization = g_steal_pointer(&authorization);
    }
    return TRUE;
}

gboolean pushed_forget(Txn *txn, const Id *id, GError **error)
{
    return id_is_none(id) || txn_delete(txn, KIND_PUSHED, id->bytes, ID_BYTES, error);
}

static Outcome
keep(Txn *txn, const Authorization *authorization, PushAnswer *answer, GError **error)
{
    g_autoptr(GBytes) bytes = record_encode(&authorization_table, authorization);
    char text[ID_TEXT_CHARS + 1];
    Id id;

    random_id(&id);
    id_to_text(&id, text);
    answer->request_uri = g_strconcat(PUSHED_URI_PREFIX, text, NULL);
    answer->expires_in = (guint)(PUSHED_LIFE_USEC / USEC_PER_SEC);
    return txn_put(
               txn, KIND_PUSHED, id.bytes, ID_BYTES, bytes, txn_now(txn) + PUSHED_LIFE_USEC, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

/* A request_uri in a pushed request is refused by the check (RFC 9126 2.1). */
static Outcome
judge(Txn *txn, const PushAsked *asked, const App *app, PushAnswer *answer, GError **error)
{
    const AuthorizationParameters *parameters = &asked->parameters;
    const char *description = NULL;

    if (app->state == APP_DISABLED) {
        return refuse(answer, REASON_APP_DISABLED, "this client is disabled");
    }
    if (!app_has_redirect_uri(app, parameters->redirect_uri)) {
        return refuse(answer, REASON_REDIRECT_URI, "redirect_uri is not registered");
    }
    g_autoptr(Authorization) authorization = authorization_new(parameters, app, txn_now(txn));
    Reason reason = authorization_check(parameters, app, authorization, &description);
    return reason == REASON_NONE ? keep(txn, authorization, answer, error)
                                 : refuse(answer, reason, description);
}

Outcome pushed_put(Txn *txn, const PushAsked *asked, PushAnswer *ret_answer, GError **error)
{
    g_autofree char *group = network_group(asked->caller->address);
    const LimitUse uses[] = {
        {LIMIT_PUSH_CLIENT, group, group ? strlen(group) : 0},
        {LIMIT_PUSH_CLIENT, limit_everybody, strlen(limit_everybody)},
    };
    g_autoptr(App) app = NULL;
    gboolean allowed = FALSE;
    guint retry = 0;

    if (!app_find(txn, asked->parameters.client_id, &app, error) ||
        !limit_take(txn, asked->caller, uses, G_N_ELEMENTS(uses), &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    if (!allowed) {
        return refuse(ret_answer, REASON_TOO_MANY, "too many requests were pushed");
    }
    return app ? judge(txn, asked, app, ret_answer, error)
               : refuse(ret_answer, REASON_CLIENT_UNKNOWN, "the client is not known");
}

ACT_DEFINE(pushed_put, PushAsked, PushAnswer, answer_clear);
