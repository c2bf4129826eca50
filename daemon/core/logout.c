/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/logout.h"

#include "base/secret.h"
#include "core/sealed.h"

#include <string.h>

/* What a question remembers of the request that led to it. */
typedef struct Logout {
    char *redirect_uri; /* "": none */
    char *state;        /* "": none */
    gint64 born_usec;
} Logout;

static const RecordField logout_fields[] = {
    {.number = 1, "redirect_uri", FIELD_TEXT, offsetof(Logout, redirect_uri)},
    {.number = 2, "state", FIELD_TEXT, offsetof(Logout, state)},
    {.number = 3, "born_usec", FIELD_I64, offsetof(Logout, born_usec)},
    {.number = 0},
};

static const RecordTable logout_table =
    {.name = "logout", .kind = 0, .size = sizeof(Logout), .fields = logout_fields};

static void logout_free(Logout *logout)
{
    record_free(&logout_table, logout);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Logout, logout_free)

static void answer_clear(gpointer data)
{
    LogoutAnswer *answer = data;

    g_clear_pointer(&answer->redirect_uri, g_free);
    g_clear_pointer(&answer->state, g_free);
    g_clear_pointer(&answer->sealed, g_free);
    g_clear_pointer(&answer->form_token, g_free);
    g_clear_pointer(&answer->email, secret_text_free);
    g_clear_pointer(&answer->app_name, g_free);
}

static Outcome refuse(LogoutAnswer *answer, Reason reason)
{
    answer->next = LOGOUT_PAGE_ERROR;
    answer->reason = reason;
    return OUTCOME_DENIED;
}

/* The client that is named, by itself or by the hint; two names must be one (RP-Initiated
 * Logout 2). */
static Reason check_names(const LogoutAsked *asked, const char **ret_client_id)
{
    *ret_client_id = asked->client_id;
    if (asked->id_token_hint && !asked->hint) {
        return REASON_HINT_INVALID;
    }
    if (asked->hint) {
        *ret_client_id = asked->hint->client_id;
    }
    if (asked->client_id && !g_str_equal(asked->client_id, *ret_client_id)) {
        return REASON_HINT_INVALID;
    }
    /* An address to return to is some app's; whose it is, nobody said. */
    return asked->post_logout_redirect_uri && !*ret_client_id ? REASON_CLIENT_UNKNOWN : REASON_NONE;
}

static Reason check(const LogoutAsked *asked, const char *client_id, const App *app)
{
    const char *uri = asked->post_logout_redirect_uri;

    if (asked->state && strlen(asked->state) > LOGOUT_STATE_BYTES_MAX) {
        return REASON_BAD_REQUEST;
    }
    if (client_id && !app) {
        return REASON_CLIENT_UNKNOWN;
    }
    return uri && !g_strv_contains((const char *const *)app->post_logout_redirect_uris, uri)
               ? REASON_REDIRECT_URI
               : REASON_NONE;
}

/* Nobody is signed in: on to where the request, or the question, pointed. State goes to nobody but
 * the app. */
static Outcome go_on(LogoutAnswer *answer, const char *redirect_uri, const char *state)
{
    if (!redirect_uri || !*redirect_uri) {
        answer->next = LOGOUT_OVER;
        return OUTCOME_GRANTED;
    }
    answer->next = LOGOUT_REDIRECT;
    answer->redirect_uri = g_strdup(redirect_uri);
    answer->state = state && *state ? g_strdup(state) : NULL;
    return OUTCOME_GRANTED;
}

static Outcome question(Txn *txn, const LogoutAsked *asked, LogoutAnswer *answer, GError **error)
{
    const Logout logout = {
        .redirect_uri = (char *)asked->post_logout_redirect_uri,
        .state = (char *)asked->state,
        .born_usec = txn_now(txn),
    };

    answer->next = LOGOUT_QUESTION;
    answer->sealed = record_seal(txn, &logout_table, &logout);
    answer->form_token = session_form_token(txn, asked->caller);
    answer->redirect_uri = g_strdup(asked->post_logout_redirect_uri);
    answer->email = account_email(txn, asked->caller->account, error);
    return answer->email ? OUTCOME_PENDING : OUTCOME_BROKEN;
}

Outcome logout_begin(Txn *txn, const LogoutAsked *asked, LogoutAnswer *ret_answer, GError **error)
{
    const char *client_id = NULL;
    g_autoptr(App) app = NULL;
    Reason reason = check_names(asked, &client_id);

    if (reason != REASON_NONE) {
        return refuse(ret_answer, reason);
    }
    if (client_id && !app_find(txn, client_id, &app, error)) {
        return OUTCOME_BROKEN;
    }
    reason = check(asked, client_id, app);
    if (reason != REASON_NONE) {
        return refuse(ret_answer, reason);
    }
    ret_answer->app_name = app ? g_strdup(app->name) : NULL;
    return asked->caller->session
               ? question(txn, asked, ret_answer, error)
               : go_on(ret_answer, asked->post_logout_redirect_uri, asked->state);
}
ACT_DEFINE(logout_begin, LogoutAsked, LogoutAnswer, answer_clear);

Outcome logout_confirm(Txn *txn, const LogoutAsked *asked, LogoutAnswer *ret_answer, GError **error)
{
    const Session *session = asked->caller->session;
    g_autoptr(Logout) logout = record_unseal(txn, &logout_table, asked->sealed);

    if (!logout || txn_now(txn) >= logout->born_usec + LOGOUT_LIFE_USEC) {
        return refuse(ret_answer, REASON_FORM_TOKEN);
    }
    /* Pressed twice, or signed out elsewhere meanwhile: there is nothing left to protect. */
    if (session && !session_form_token_matches(txn, asked->caller, asked->form_token)) {
        return refuse(ret_answer, REASON_FORM_TOKEN);
    }
    if (session && !session_sign_off(txn, session, error)) {
        return OUTCOME_BROKEN;
    }
    return go_on(ret_answer, logout->redirect_uri, logout->state);
}
ACT_DEFINE(logout_confirm, LogoutAsked, LogoutAnswer, answer_clear);
