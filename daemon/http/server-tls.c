/* SPDX-License-Identifier: GPL-3.0-or-later */

/* server-tls.c - what the configuration says of TLS, and certificates that change while we serve */

#include "http/server.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "base/user.h"
#include "http/metrics.h"

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, words);
    return FALSE;
}

gboolean http_config_check(const HttpConfig *config, const CoreConfig *core, GError **error)
{
    if (!config->tls_certificate && !config->tls_key) {
        return TRUE;
    }
    if (!config->tls_certificate || !config->tls_key) {
        return refuse(
            error, "[http] tls_certificate and tls_key need each other: name both, or neither");
    }
    for (guint i = 0; i < core->tenants->len; i++) {
        const Tenant *tenant = core->tenants->pdata[i];
        if (!tenant->https) {
            g_set_error(
                error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
                "[tenant %s] issuer: with [http] tls_certificate this must begin with https://",
                tenant->name);
            return FALSE;
        }
    }
    return TRUE;
}

static void tell_end(TlsServer *server)
{
    gint64 end = tls_server_end(server);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(end);
    g_autofree char *text = date ? g_date_time_format_iso8601(date) : g_strdup("the end of time");

    metrics_certificate_ends(end);
    if (end * G_USEC_PER_SEC > g_get_real_time()) {
        log_event(
            LOG_LEVEL_NOTICE, LOG_EVENT_TLS_LOADED, NULL, "The TLS certificate is good until %s",
            text);
    } else {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_TLS_LOADED, NULL,
            "The TLS certificate is over since %s: clients will refuse it", text);
    }
}

gboolean http_config_start_tls(HttpConfig *config, GError **error)
{
    if (!config->tls_certificate) {
        return TRUE;
    }
    config->tls = tls_server_new(config->tls_certificate, config->tls_key, error);
    if (!config->tls) {
        return FALSE;
    }
    tell_end(config->tls);
    return TRUE;
}

gboolean http_config_look_at_tls(HttpConfig *config, const char *state_dir, GError **error)
{
    return user_become_owner(state_dir, error) && http_config_start_tls(config, error);
}

gboolean http_config_reload_tls(const HttpConfig *config, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!config->tls) {
        return TRUE;
    }
    if (tls_server_reload(config->tls, &why)) {
        tell_end(config->tls);
        return TRUE;
    }
    log_event(
        LOG_LEVEL_ERR, LOG_EVENT_TLS_REFUSED, NULL, "The TLS certificate stays as it was: %s",
        why->message);
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}
