/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * register.c - an app registers itself (RFC 7591 3), where the tenant lets it
 *
 * Members are a table; one of another type than there is an error, and one that is not there is
 * ignored.
 */

#include "base/log-events.h"
#include "base/log.h"
#include "base/text.h"
#include "core/app-name.h"
#include "core/registration.h"
#include "http/handlers.h"
#include "http/json.h"

#include <jansson.h>

#define TEXTS_MAX 64U /* of one list */

static const struct Member {
    const char *name;
    gboolean is_list;
    gsize offset; /* in RegistrationAsked */
} members[] = {
#define TEXT(member)                                                                               \
    {                                                                                              \
#member, FALSE, G_STRUCT_OFFSET(RegistrationAsked, member)                                 \
    }
#define TEXTS(member)                                                                              \
    {                                                                                              \
#member, TRUE, G_STRUCT_OFFSET(RegistrationAsked, member)                                  \
    }
    TEXT(client_name),
    TEXTS(redirect_uris),
    TEXT(scope),
    TEXT(application_type),
    TEXT(token_endpoint_auth_method),
    TEXTS(grant_types),
    TEXTS(response_types),
    TEXT(subject_type),
    TEXT(id_token_signed_response_alg),
    TEXTS(post_logout_redirect_uris),
    TEXT(backchannel_logout_uri),
    TEXT(policy_uri),
    TEXT(tos_uri),
    TEXT(logo_uri),
    TEXT(software_statement),
#undef TEXT
#undef TEXTS
};

/* Of the exchange; NULL: it is no list of texts, or too long a one. */
static const char *const *texts_of(Exchange *exchange, const json_t *list)
{
    const gsize count = json_array_size(list);

    if (!json_is_array(list) || count > TEXTS_MAX) {
        return NULL;
    }
    const char **texts =
        (gpointer)exchange_keep(exchange, (gpointer)g_new0(const char *, count + 1));
    for (gsize i = 0; i < count; i++) {
        texts[i] = json_string_value(json_array_get(list, i));
        if (texts[i] == NULL) {
            return NULL;
        }
    }
    return texts;
}

/* What is null counts as absent. FALSE: a member has the wrong type. */
static gboolean read_members(Exchange *exchange, const json_t *body, RegistrationAsked *asked)
{
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        const json_t *value = json_object_get(body, members[i].name);
        gpointer *place = (gpointer *)((char *)asked + members[i].offset);
        if (value == NULL || json_is_null(value)) {
            continue;
        }
        *place = members[i].is_list ? (gpointer)texts_of(exchange, value)
                                    : (gpointer)json_string_value(value);
        if (*place == NULL) {
            return FALSE;
        }
    }
    return TRUE;
}

static json_t *list_json(char **texts)
{
    json_t *list = json_array();

    for (char **text = texts; *text != NULL; text++) {
        json_array_append_new(list, json_string(*text));
    }
    return list;
}

static void set_optional(json_t *body, const char *name, const char *text)
{
    if (text != NULL && *text != '\0') {
        json_object_set_new(body, name, json_string(text));
    }
}

/* RFC 7591 3.2.1: all that was registered, and so what was chosen for the app as well. */
static char *registered_json(const App *app, const RegistrationAsked *asked)
{
    const char *type = asked->application_type != NULL ? asked->application_type : "web";
    g_autofree char *scope = g_strjoinv(" ", app->scopes);
    char client_id[ID_TEXT_CHARS + 1];

    id_to_text(&app->id, client_id);
    json_t *body = json_pack(
        "{s:s, s:I, s:s, s:o, s:s, s:s, s:s, s:[ss], s:[s], s:s, s:s}", "client_id", client_id,
        "client_id_issued_at", (json_int_t)(app->born_usec / USEC_PER_SEC), "client_name",
        app->name, "redirect_uris", list_json(app->redirect_uris), "scope", scope,
        "application_type", type, "token_endpoint_auth_method", "none", "grant_types",
        "authorization_code", "refresh_token", "response_types", "code", "subject_type", "pairwise",
        "id_token_signed_response_alg", jws_alg_name((JwsAlg)app->id_token_alg));
    g_assert(body != NULL);
    if (app->post_logout_redirect_uris != NULL && *app->post_logout_redirect_uris != NULL) {
        json_object_set_new(
            body, "post_logout_redirect_uris", list_json(app->post_logout_redirect_uris));
    }
    set_optional(body, "backchannel_logout_uri", app->backchannel_logout_uri);
    set_optional(body, "policy_uri", app->policy_uri);
    set_optional(body, "tos_uri", app->tos_uri);
    set_optional(body, "logo_uri", app->logo_uri);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

/* Who has verified nothing can look here for what came by itself. How often is bounded by the
 * budgets of registration. */
static void log_registered(const App *app)
{
    g_autofree char *name = text_for_people(app->name, APP_NAME_CHARS_MAX);
    char client_id[ID_TEXT_CHARS + 1];
    const LogField fields[] = {{"APP", client_id}, {"NAME", name}, {NULL, NULL}};

    id_to_text(&app->id, client_id);
    log_event(LOG_LEVEL_NOTICE, LOG_EVENT_APP_REGISTERED, fields, "An app registered itself");
}

static void register_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const RegistrationAnswer *answer = data;

    (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, answer->description);
        return;
    }
    log_registered(answer->app);
    exchange_reply_json(exchange, 201, registered_json(answer->app, asked));
}

void register_post(Exchange *exchange)
{
    const json_t *body = exchange_json(exchange);
    RegistrationAsked asked = {.caller = exchange_caller(exchange)};

    if (!exchange_tenant(exchange)->registration_open) {
        exchange_reply_oauth_error(
            exchange, REASON_NOT_FOUND, "apps can't register themselves here");
        return;
    }
    if (body == NULL) {
        exchange_reply_oauth_error(
            exchange, REASON_CLIENT_METADATA, "send one JSON object, as application/json");
        return;
    }
    if (!read_members(exchange, body, &asked)) {
        exchange_reply_oauth_error(
            exchange, REASON_CLIENT_METADATA, "a member is no text, or no list of texts");
        return;
    }
    exchange_run(exchange, &registration_add_act, &asked, sizeof(asked), register_done);
}
