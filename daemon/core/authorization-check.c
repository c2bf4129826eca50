/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/authorization-check.h"

#include "base/text.h"
#include "core/app-resource.h"
#include "core/scope.h"

#include <string.h>

#define CHALLENGE_CHARS 43U /* base64url of a SHA-256 */
#define HINT_BYTES_MAX  254U

static Reason fail(Reason reason, const char *words, const char **ret_description)
{
    *ret_description = words;
    return reason;
}

/* RFC 9700 2.1.1: always, with S256; no setting changes it. */
static Reason check_pkce(const AuthorizationParameters *parameters, const char **ret_description)
{
    const char *challenge = parameters->code_challenge;
    guint8 digest[32];
    gsize size = 0;

    if (!challenge) {
        return fail(REASON_PKCE_MISSING, "code_challenge is missing", ret_description);
    }
    if (g_strcmp0(parameters->code_challenge_method, "S256") != 0) {
        return fail(REASON_PKCE_MISSING, "code_challenge_method must be S256", ret_description);
    }
    if (strlen(challenge) != CHALLENGE_CHARS ||
        !base64url_decode(challenge, CHALLENGE_CHARS, digest, sizeof(digest), &size)) {
        return fail(
            REASON_PKCE_MISSING, "code_challenge must be 43 characters of base64url",
            ret_description);
    }
    return REASON_NONE;
}

static Reason check_shape(const AuthorizationParameters *parameters, const char **ret_description)
{
    if (parameters->double_name) {
        return fail(REASON_BAD_REQUEST, "a parameter was sent twice", ret_description);
    }
    if (parameters->request) {
        return fail(REASON_REQUEST_OBJECT, "request objects are not supported", ret_description);
    }
    if (parameters->request_uri) {
        return fail(REASON_REQUEST_URI, "request_uri is not supported", ret_description);
    }
    if (!parameters->response_type) {
        return fail(REASON_BAD_REQUEST, "response_type is missing", ret_description);
    }
    if (!g_str_equal(parameters->response_type, "code")) {
        return fail(REASON_RESPONSE_TYPE, "response_type must be code", ret_description);
    }
    if (parameters->response_mode && !g_str_equal(parameters->response_mode, "query") &&
        !g_str_equal(parameters->response_mode, "form_post")) {
        return fail(
            REASON_BAD_REQUEST, "response_mode must be query or form_post", ret_description);
    }
    if (parameters->state && strlen(parameters->state) > AUTHORIZATION_STATE_BYTES_MAX) {
        return fail(REASON_BAD_REQUEST, "state is longer than 2048 bytes", ret_description);
    }
    if (parameters->nonce && strlen(parameters->nonce) > AUTHORIZATION_NONCE_BYTES_MAX) {
        return fail(REASON_BAD_REQUEST, "nonce is longer than 512 bytes", ret_description);
    }
    return check_pkce(parameters, ret_description);
}

static gboolean read_prompt(const char *text, guint32 *ret_prompt)
{
    static const char *const words[] = {"none", "login", "consent", "select_account"};
    g_auto(GStrv) parts = g_strsplit(text ? text : "", " ", 8);
    guint32 prompt = 0;

    for (char **part = parts; *part; part++) {
        guint i = 0;
        while (i < G_N_ELEMENTS(words) && !g_str_equal(*part, words[i])) {
            i++;
        }
        if (i == G_N_ELEMENTS(words)) {
            return FALSE;
        }
        prompt |= 1U << i;
    }
    *ret_prompt = prompt;
    return !(prompt & PROMPT_NONE) || prompt == PROMPT_NONE;
}

static gboolean read_max_age(const char *text, gint64 *ret_seconds)
{
    *ret_seconds = -1;
    return !text || g_ascii_string_to_signed(text, 10, 0, G_MAXINT32, ret_seconds, NULL);
}

static Reason read_scope(
    const AuthorizationParameters *parameters,
    const App *app,
    Authorization *authorization,
    const char **ret_description)
{
    if (!scope_parse(parameters->scope, &authorization->scopes)) {
        return fail(REASON_SCOPE_INVALID, "scope is malformed", ret_description);
    }
    if (!*authorization->scopes) {
        return fail(REASON_SCOPE_INVALID, "scope is missing", ret_description);
    }
    if (!scope_within(
            (const char *const *)authorization->scopes, (const char *const *)app->scopes)) {
        return fail(
            REASON_SCOPE_INVALID, "scope holds what this client may not ask for", ret_description);
    }
    return REASON_NONE;
}

/* OpenID Connect Core 3.1.2.1: one of another app says nothing here. */
static Reason read_hint(
    const AuthorizationParameters *parameters,
    Authorization *authorization,
    const char **ret_description)
{
    const IdTokenHint *hint = parameters->hint;

    if (!parameters->id_token_hint) {
        return REASON_NONE;
    }
    if (!hint || !parameters->client_id || !g_str_equal(hint->client_id, parameters->client_id)) {
        return fail(
            REASON_BAD_REQUEST, "id_token_hint is no ID token that this client got",
            ret_description);
    }
    authorization->hinted = hint->subject;
    return REASON_NONE;
}

/* RFC 8707 2.1 */
static Reason read_resources(
    const AuthorizationParameters *parameters,
    const App *app,
    Authorization *authorization,
    const char **ret_description)
{
    if (!app_has_resources(app, parameters->resources)) {
        return fail(REASON_TARGET_INVALID, "a resource is not one of this client", ret_description);
    }
    authorization->resources = g_strdupv((char **)parameters->resources);
    return REASON_NONE;
}

Authorization *
authorization_new(const AuthorizationParameters *parameters, const App *app, gint64 now_usec)
{
    Authorization *authorization = g_new0(Authorization, 1);

    authorization->app = app->id;
    authorization->redirect_uri = g_strdup(parameters->redirect_uri);
    authorization->form_post = g_strcmp0(parameters->response_mode, "form_post") == 0;
    authorization->has_state = parameters->state != NULL;
    authorization->state = g_strdup(parameters->state);
    authorization->born_usec = now_usec;
    return authorization;
}

Reason authorization_check(
    const AuthorizationParameters *parameters,
    const App *app,
    Authorization *authorization,
    const char **ret_description)
{
    Reason reason = check_shape(parameters, ret_description);

    if (reason == REASON_NONE) {
        reason = read_scope(parameters, app, authorization, ret_description);
    }
    if (reason == REASON_NONE) {
        reason = read_hint(parameters, authorization, ret_description);
    }
    if (reason == REASON_NONE) {
        reason = read_resources(parameters, app, authorization, ret_description);
    }
    if (reason != REASON_NONE) {
        return reason;
    }
    if (!read_prompt(parameters->prompt, &authorization->prompt)) {
        return fail(
            REASON_BAD_REQUEST, "prompt holds an unknown value, or none beside another",
            ret_description);
    }
    if (!read_max_age(parameters->max_age, &authorization->max_age)) {
        return fail(REASON_BAD_REQUEST, "max_age must be a number of seconds", ret_description);
    }
    authorization->nonce = g_strdup(parameters->nonce);
    authorization->challenge = g_strdup(parameters->code_challenge);
    if (parameters->login_hint && strlen(parameters->login_hint) <= HINT_BYTES_MAX) {
        authorization->login_hint = g_strdup(parameters->login_hint);
    }
    return REASON_NONE;
}
