/* SPDX-License-Identifier: GPL-3.0-or-later */

/* registration-check.c - what may stand in a registration; what is not named here is ignored (RFC
 * 7591 2) */

#include "core/app-name.h"
#include "core/app-settings.h"
#include "core/registration.h"
#include "core/scope.h"

#include <string.h>

static gboolean is_only(const char *const *texts, const char *text)
{
    return g_str_equal(*texts, text) && !texts[1];
}

static const char *statement_problem(const RegistrationAsked *asked)
{
    return asked->software_statement ? "software statements are not taken" : NULL;
}

static const char *auth_problem(const RegistrationAsked *asked)
{
    const char *method = asked->token_endpoint_auth_method;

    return method && !g_str_equal(method, "none")
               ? "clients are public here: token_endpoint_auth_method can only be none"
               : NULL;
}

/* Every app may refresh; a device grant would show people nothing of where they go. */
static const char *grant_types_problem(const RegistrationAsked *asked)
{
    gboolean has_code = !asked->grant_types;

    for (const char *const *type = asked->grant_types; type && *type; type++) {
        has_code |= g_str_equal(*type, "authorization_code");
        if (!g_str_equal(*type, "authorization_code") && !g_str_equal(*type, "refresh_token")) {
            return "grant_types can only hold authorization_code and refresh_token";
        }
    }
    return has_code ? NULL : "grant_types must hold authorization_code";
}

static const char *response_types_problem(const RegistrationAsked *asked)
{
    return asked->response_types &&
                   (!*asked->response_types || !is_only(asked->response_types, "code"))
               ? "response_types can only be code"
               : NULL;
}

static const char *subject_problem(const RegistrationAsked *asked)
{
    return asked->subject_type && !g_str_equal(asked->subject_type, "pairwise")
               ? "subject_type can only be pairwise"
               : NULL;
}

/* OpenID Connect Dynamic Client Registration 2, RFC 8252 7.1: a scheme of its own is a program's.
 */
static const char *type_problem(const RegistrationAsked *asked)
{
    const char *type = asked->application_type ? asked->application_type : "web";

    if (!g_str_equal(type, "web") && !g_str_equal(type, "native")) {
        return "application_type can only be web or native";
    }
    for (const char *const *uri = asked->redirect_uris; uri && *uri; uri++) {
        if (g_str_equal(type, "web") && !g_str_has_prefix(*uri, "https://") &&
            !g_str_has_prefix(*uri, "http://")) {
            return "a redirect URI with a private-use scheme needs application_type native";
        }
    }
    return NULL;
}

static const char *name_problem(const RegistrationAsked *asked)
{
    return asked->client_name
               ? app_name_problem(asked->client_name, asked->caller->tenant->display_name)
               : NULL;
}

/* A stranger's app may ask for what every app may. */
static const char *scope_problem(const RegistrationAsked *asked)
{
    g_auto(GStrv) scopes = NULL;

    if (!asked->scope) {
        return NULL;
    }
    if (!scope_parse(asked->scope, &scopes) || !*scopes) {
        return "scope is malformed, or holds nothing that is to be had";
    }
    return scope_within((const char *const *)scopes, app_scopes_default)
               ? NULL
               : "scope can only hold openid, profile.basic and offline_access";
}

static void settings_of(const RegistrationAsked *asked, AppAsked *ret_settings)
{
    *ret_settings = (AppAsked){
        .caller = asked->caller,
        .name = asked->client_name,
        .redirect_uris = asked->redirect_uris,
        .post_logout_redirect_uris = asked->post_logout_redirect_uris,
        .backchannel_logout_uri = asked->backchannel_logout_uri,
        .id_token_alg = asked->id_token_signed_response_alg,
        .policy_uri = asked->policy_uri,
        .tos_uri = asked->tos_uri,
        .logo_uri = asked->logo_uri,
    };
}

static const char *settings_problem(const AppAsked *settings, Reason *ret_reason)
{
    Reason reason = REASON_NONE;
    const char *words = !settings->redirect_uris || !*settings->redirect_uris
                            ? "redirect_uris is missing"
                            : app_settings_problem(settings, &reason);

    *ret_reason =
        !reason || reason == REASON_REDIRECT_URI ? REASON_CLIENT_REDIRECT : REASON_CLIENT_METADATA;
    return words;
}

const char *
registration_problem(const RegistrationAsked *asked, AppAsked *ret_settings, Reason *ret_reason)
{
    static const struct {
        const char *(*problem)(const RegistrationAsked *asked);
        Reason reason;
    } checks[] = {
        {statement_problem, REASON_SOFTWARE_STATEMENT},
        {auth_problem, REASON_CLIENT_METADATA},
        {grant_types_problem, REASON_CLIENT_METADATA},
        {response_types_problem, REASON_CLIENT_METADATA},
        {subject_problem, REASON_CLIENT_METADATA},
        {type_problem, REASON_CLIENT_METADATA},
        {name_problem, REASON_CLIENT_METADATA},
        {scope_problem, REASON_CLIENT_METADATA},
    };

    for (guint i = 0; i < G_N_ELEMENTS(checks); i++) {
        const char *words = checks[i].problem(asked);
        if (words) {
            *ret_reason = checks[i].reason;
            return words;
        }
    }
    settings_of(asked, ret_settings);
    return settings_problem(ret_settings, ret_reason);
}
