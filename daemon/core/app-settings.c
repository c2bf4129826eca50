/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app-settings.h"

#include "base/text.h"
#include "core/foreign-address.h"
#include "core/scope.h"

#include <string.h>

const char *app_settings_missing(const AppAsked *asked, Reason *ret_reason)
{
    if (!asked->name) {
        *ret_reason = REASON_BAD_REQUEST;
        return "the name is missing";
    }
    if (!asked->redirect_uris || !*asked->redirect_uris) {
        *ret_reason = REASON_REDIRECT_URI;
        return "a redirect URI is missing";
    }
    return NULL;
}

static const char *name_problem(const AppAsked *asked)
{
    return asked->name ? app_name_problem(asked->name, NULL) : NULL;
}

/* Of a list of URIs; NULL is no list. */
static const char *each_problem(const char *const *uris, const char *(*problem)(const char *uri))
{
    for (; uris && *uris; uris++) {
        const char *words = problem(*uris);
        if (words) {
            return words;
        }
    }
    return NULL;
}

static gboolean is_longer(const char *const *texts, guint max)
{
    return texts && g_strv_length((char **)texts) > max;
}

static const char *redirect_uris_problem(const AppAsked *asked)
{
    if (asked->redirect_uris && !*asked->redirect_uris) {
        return "a redirect URI is missing";
    }
    return is_longer(asked->redirect_uris, APP_REDIRECT_URIS_MAX)
               ? "more than 32 redirect URIs"
               : each_problem(asked->redirect_uris, redirect_uri_problem);
}

static const char *post_logout_problem(const AppAsked *asked)
{
    return is_longer(asked->post_logout_redirect_uris, APP_REDIRECT_URIS_MAX)
               ? "more than 32 URIs to return to after a logout"
               : each_problem(asked->post_logout_redirect_uris, redirect_uri_problem);
}

static const char *scopes_problem(const AppAsked *asked)
{
    if (is_longer(asked->scopes, APP_SCOPES_MAX)) {
        return "more than 32 scopes";
    }
    for (const char *const *scope = asked->scopes; scope && *scope; scope++) {
        if (!scope_is_known(*scope)) {
            return "a scope is not known";
        }
    }
    return NULL;
}

/* RFC 8707 2: absolute, without a fragment. It is a name, compared byte for byte, never fetched. */
static const char *resource_problem(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_ENCODED, NULL);

    if (strlen(uri) > APP_URI_BYTES_MAX || !text_is_plain(uri)) {
        return "a resource is too long, or has control characters";
    }
    return parsed && !strchr(uri, '#') ? NULL : "a resource is an absolute URI without a fragment";
}

static const char *resources_problem(const AppAsked *asked)
{
    return is_longer(asked->resources, APP_RESOURCES_MAX)
               ? "more than 32 resources"
               : each_problem(asked->resources, resource_problem);
}

/* Row H1 of the attacks; which addresses its name has is looked at when something is sent. */
static const char *backchannel_problem(const AppAsked *asked)
{
    const char *uri = asked->backchannel_logout_uri;

    return uri && *uri && foreign_url_read(uri, NULL, NULL)
               ? "a back-channel logout URI is https with the name of a public host, without user "
                 "and fragment, up to 1024 bytes"
               : NULL;
}

/* Shown to people as text, and never fetched. */
static const char *shown_problem(const char *uri)
{
    g_autoptr(GUri) parsed = uri && *uri ? g_uri_parse(uri, G_URI_FLAGS_ENCODED, NULL) : NULL;
    const char *host = parsed ? g_uri_get_host(parsed) : NULL;

    if (!uri || !*uri) {
        return NULL;
    }
    return !host || !*host || !g_str_has_prefix(uri, "https://") || g_uri_get_userinfo(parsed) ||
                   strlen(uri) > APP_URI_BYTES_MAX || !text_is_plain(uri)
               ? "a URI of a policy, of terms or of a logo is https, without a user"
               : NULL;
}

static const char *links_problem(const AppAsked *asked)
{
    const char *const uris[] = {asked->policy_uri, asked->tos_uri, asked->logo_uri};
    const char *problem = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(uris) && !problem; i++) {
        problem = shown_problem(uris[i]);
    }
    return problem;
}

static const char *alg_problem(const AppAsked *asked)
{
    JwsAlg alg = JWS_RS256;

    return !asked->id_token_alg || jws_alg_from_name(asked->id_token_alg, &alg)
               ? NULL
               : "the algorithm of ID tokens is RS256, ES256 or EdDSA";
}

static const char *replay_problem(const AppAsked *asked)
{
    return asked->refresh_replay_seconds && *asked->refresh_replay_seconds > APP_REPLAY_SECONDS_MAX
               ? "a refresh may be replayed within 30 seconds at most"
               : NULL;
}

const char *app_settings_problem(const AppAsked *asked, Reason *ret_reason)
{
    static const struct {
        const char *(*problem)(const AppAsked *asked);
        Reason reason;
    } checks[] = {
        {name_problem, REASON_BAD_REQUEST},         {redirect_uris_problem, REASON_REDIRECT_URI},
        {scopes_problem, REASON_SCOPE_INVALID},     {resources_problem, REASON_TARGET_INVALID},
        {post_logout_problem, REASON_REDIRECT_URI}, {backchannel_problem, REASON_BAD_REQUEST},
        {alg_problem, REASON_BAD_REQUEST},          {replay_problem, REASON_BAD_REQUEST},
        {links_problem, REASON_BAD_REQUEST},
    };

    for (guint i = 0; i < G_N_ELEMENTS(checks); i++) {
        const char *words = checks[i].problem(asked);
        if (words) {
            *ret_reason = checks[i].reason;
            return words;
        }
    }
    return NULL;
}

static void set_text(char **place, const char *text)
{
    if (text) {
        g_free(*place);
        *place = g_strdup(text);
    }
}

static void set_texts(char ***place, const char *const *texts)
{
    if (texts) {
        g_strfreev(*place);
        *place = g_strdupv((char **)texts);
    }
}

void app_settings_apply(App *app, const AppAsked *asked)
{
    JwsAlg alg = JWS_RS256;

    set_text(&app->name, asked->name);
    set_texts(&app->redirect_uris, asked->redirect_uris);
    set_texts(&app->scopes, asked->scopes);
    set_texts(&app->resources, asked->resources);
    set_texts(&app->post_logout_redirect_uris, asked->post_logout_redirect_uris);
    set_text(&app->backchannel_logout_uri, asked->backchannel_logout_uri);
    if (asked->id_token_alg && jws_alg_from_name(asked->id_token_alg, &alg)) {
        app->id_token_alg = alg;
    }
    if (asked->refresh_replay_seconds) {
        app->refresh_replay_seconds = *asked->refresh_replay_seconds;
    }
    set_text(&app->policy_uri, asked->policy_uri);
    set_text(&app->tos_uri, asked->tos_uri);
    set_text(&app->logo_uri, asked->logo_uri);
    if (asked->verified) {
        app->level = *asked->verified ? APP_VERIFIED : APP_UNVERIFIED;
    }
}
