/* SPDX-License-Identifier: GPL-3.0-or-later */

/* me.c - what a person sees of himself: who knows him by which slug, and where he is signed in */

#include "base/catalog.h"
#include "core/known-key.h"
#include "core/mute.h"
#include "http/login-form.h"
#include "http/page.h"
#include "http/route.h"
#include "http/words.h"

static void add_app(Exchange *exchange, Values *values, const SessionAppRow *app)
{
    g_autofree char *scopes = words_of_scopes(exchange_language(exchange), app->scopes);
    Values *row = values_add_row(values, "apps");
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&app->identity, id);
    values_set(row, "identity", id);
    values_set(row, "name", app->name);
    values_set(row, "slug", app->slug);
    page_set_time(row, "born", app->born_usec);
    values_set(row, "scopes", app->service ? NULL : scopes);
    values_set_flag(row, "takes_code", app->takes_code);
}

static void add_session(Exchange *exchange, Values *values, const SessionRow *session)
{
    g_autofree char *browser = words_of_agent(exchange_language(exchange), session->agent);
    Values *row = values_add_row(values, "sessions");
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&session->id, id);
    values_set(row, "browser", browser);
    values_set(row, "address", session->address);
    page_set_time(row, "born", session->born_usec);
    page_set_time(row, "used", session->used_usec);
    values_set_flag(row, "current", session->current);
    values_set(row, "session", session->current ? NULL : id);
}

static void add_mute(Values *values, const Mute *mute)
{
    Values *row = values_add_row(values, "mutes");
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&mute->id, id);
    values_set(row, "mute", id);
    values_set(row, "host", mute->host);
    values_set(row, "local_user", mute->local_user);
    page_set_time(row, "until", mute->until_usec);
}

static void add_key(Values *values, const KnownKey *known)
{
    g_autofree char *key = ssh_key_show(known->key);
    Values *row = values_add_row(values, "keys");
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&known->id, id);
    values_set(row, "known", id);
    values_set(row, "host", known->host);
    values_set(row, "local_user", known->local_user);
    values_set(row, "key", key);
    page_set_time(row, "until", known->until_usec);
}

static void add_all(Exchange *exchange, Values *values, const MeAnswer *answer)
{
    values_set_list(values, "apps");
    for (guint i = 0; i < answer->apps->len; i++) {
        add_app(exchange, values, &g_array_index(answer->apps, SessionAppRow, i));
    }
    values_set_list(values, "mutes");
    for (guint i = 0; i < answer->mutes->len; i++) {
        add_mute(values, answer->mutes->pdata[i]);
    }
    values_set_list(values, "keys");
    for (guint i = 0; i < answer->keys->len; i++) {
        add_key(values, answer->keys->pdata[i]);
    }
    values_set_list(values, "sessions");
    for (guint i = 0; i < answer->sessions->len; i++) {
        add_session(exchange, values, &g_array_index(answer->sessions, SessionRow, i));
    }
}

static void me_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const MeAnswer *answer = data;

    (void)asked, (void)error;
    if (answer->reason == REASON_SIGNED_OUT) {
        exchange_redirect(exchange, "/login");
        return;
    }
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_problem(exchange, answer->reason);
        return;
    }
    Values *values = page_values(exchange, N_("Your account"));
    page_set_account(values, answer->email);
    values_set(values, "shape", "wide");
    values_set(values, "form_token", answer->form_token);
    values_set_flag(values, "known", answer->apps->len > 0);
    values_set_flag(values, "muting", answer->mutes->len > 0);
    values_set_flag(values, "known_keys", answer->keys->len > 0);
    values_set_flag(values, "several", answer->sessions->len > 1);
    add_all(exchange, values, answer);
    page_reply(exchange, 200, "me", values);
}

static void me_get(Exchange *exchange)
{
    const MeAsked asked = {.caller = exchange_caller(exchange)};
    exchange_run(exchange, &me_show_act, &asked, sizeof(asked), me_done);
}

static void sign_out_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const PlainAnswer *answer = data;
    const MeAsked *asked = asked_data;
    const char *request = exchange_form(exchange, "request");

    (void)error;
    if (outcome != OUTCOME_GRANTED && answer->reason != REASON_SIGNED_OUT) {
        exchange_reply_problem(exchange, answer->reason);
        return;
    }
    if (asked->target != NULL) {
        exchange_redirect(exchange, "/me");
        return;
    }
    exchange_set_cookie(exchange, COOKIE_SESSION, NULL, 0);
    if (request != NULL) {
        /* from the consent page: the same request, another account */
        const LoginForm form = {.request = request};
        login_form_reply(exchange, &form);
        return;
    }
    exchange_redirect(exchange, "/login");
}

/* FALSE when the form is malformed; the target is the id in its field @name, or NULL. */
static gboolean read_form(Exchange *exchange, const char *name, MeAsked *ret_asked)
{
    const char *target = exchange_form(exchange, name);
    Id id;

    if (exchange_double(exchange) != NULL || (target != NULL && !id_from_text(target, &id))) {
        return FALSE;
    }
    *ret_asked = (MeAsked){
        .caller = exchange_caller(exchange),
        .form_token = exchange_form(exchange, "form_token"),
    };
    if (target != NULL) {
        ret_asked->target = (const Id *)exchange_keep(exchange, g_memdup2(&id, sizeof(id)));
    }
    return TRUE;
}

static void sign_out_post(Exchange *exchange)
{
    MeAsked asked;

    if (!read_form(exchange, "session", &asked)) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &session_sign_out_act, &asked, sizeof(asked), sign_out_done);
}

static void everywhere_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const SignOutAnswer *answer = data;
    const MeAsked asked = *(const MeAsked *)asked_data;

    (void)error;
    if (outcome != OUTCOME_GRANTED && answer->reason != REASON_SIGNED_OUT) {
        exchange_reply_problem(exchange, answer->reason);
        return;
    }
    if (answer->more) {
        exchange_run(
            exchange, &session_sign_out_everywhere_act, &asked, sizeof(asked), everywhere_done);
        return;
    }
    exchange_set_cookie(exchange, COOKIE_SESSION, NULL, 0);
    exchange_redirect(exchange, "/login");
}

static void everywhere_post(Exchange *exchange)
{
    const MeAsked asked = {
        .caller = exchange_caller(exchange),
        .form_token = exchange_form(exchange, "form_token"),
    };

    if (exchange_double(exchange) != NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(
        exchange, &session_sign_out_everywhere_act, &asked, sizeof(asked), everywhere_done);
}

/* Of what was on the page and may be gone by now: left, or ended. */
static void gone_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const PlainAnswer *answer = data;

    (void)asked, (void)error;
    if (answer->reason == REASON_SIGNED_OUT) {
        exchange_redirect(exchange, "/login");
    } else if (outcome == OUTCOME_GRANTED || answer->reason == REASON_NOT_FOUND) {
        exchange_redirect(exchange, "/me"); /* pressed twice: it is gone all the same */
    } else {
        exchange_reply_problem(exchange, answer->reason);
    }
}

static void leave_post(Exchange *exchange)
{
    MeAsked asked;

    if (!read_form(exchange, "identity", &asked) || asked.target == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &me_leave_act, &asked, sizeof(asked), gone_done);
}

static void unmute_post(Exchange *exchange)
{
    MeAsked asked;

    if (!read_form(exchange, "mute", &asked) || asked.target == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &mute_end_act, &asked, sizeof(asked), gone_done);
}

static void end_key_post(Exchange *exchange)
{
    MeAsked asked;

    if (!read_form(exchange, "key", &asked) || asked.target == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &known_key_end_act, &asked, sizeof(asked), gone_done);
}

static void root_get(Exchange *exchange)
{
    exchange_redirect(exchange, "/me");
}

const Route me_routes[] = {
    {"/", VERB_GET, FACE_PAGE, CALLER_NONE, 0, root_get},
    {"/me", VERB_GET, FACE_PAGE, CALLER_SESSION, 0, me_get},
    {"/me/sign-out", VERB_POST, FACE_PAGE, CALLER_SESSION, 16384, sign_out_post},
    {"/me/sign-out-everywhere", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, everywhere_post},
    {"/me/unmute", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, unmute_post},
    {"/me/end-key", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, end_key_post},
    {"/me/leave", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, leave_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
