/* SPDX-License-Identifier: GPL-3.0-or-later */

/* app-settings.c - what may be set of an app, as a{sv}: a table of names */

#include "bus/app-rows.h"

typedef struct Setting {
    const char *name;
    const char *type; /* s, as, u or b */
    gsize offset;     /* in AppAsked */
} Setting;

static const Setting settings[] = {
    {"Name", "s", G_STRUCT_OFFSET(AppAsked, name)},
    {"RedirectUris", "as", G_STRUCT_OFFSET(AppAsked, redirect_uris)},
    {"Scopes", "as", G_STRUCT_OFFSET(AppAsked, scopes)},
    {"Resources", "as", G_STRUCT_OFFSET(AppAsked, resources)},
    {"PostLogoutRedirectUris", "as", G_STRUCT_OFFSET(AppAsked, post_logout_redirect_uris)},
    {"BackchannelLogoutUri", "s", G_STRUCT_OFFSET(AppAsked, backchannel_logout_uri)},
    {"IdTokenAlgorithm", "s", G_STRUCT_OFFSET(AppAsked, id_token_alg)},
    {"RefreshReplaySeconds", "u", G_STRUCT_OFFSET(AppAsked, refresh_replay_seconds)},
    {"PolicyUri", "s", G_STRUCT_OFFSET(AppAsked, policy_uri)},
    {"TosUri", "s", G_STRUCT_OFFSET(AppAsked, tos_uri)},
    {"LogoUri", "s", G_STRUCT_OFFSET(AppAsked, logo_uri)},
    {"Verified", "b", G_STRUCT_OFFSET(AppAsked, verified)},
};

static const Setting *setting_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (g_str_equal(settings[i].name, name)) {
            return &settings[i];
        }
    }
    return NULL;
}

static gboolean read_value(BusCall *call, const char *type, gpointer place, GError **error)
{
    if (g_str_equal(type, "s")) {
        return bus_read_text(call, BUS_TEXT_BYTES_MAX, place, error);
    }
    if (g_str_equal(type, "as")) {
        return bus_read_texts(call, place, error);
    }
    /* Of the bus both are four bytes, and so is a gboolean. */
    guint32 *number = bus_call_own(call, g_new0(guint32, 1));
    *(const guint32 **)place = number;
    return sd_bus_message_read(call->message, type, number) > 0;
}

static gboolean read_setting(BusCall *call, AppAsked *asked, GError **error)
{
    const char *name = NULL;

    if (sd_bus_message_read(call->message, "s", &name) <= 0) {
        return FALSE;
    }
    const Setting *setting = setting_find(name);
    return setting && sd_bus_message_enter_container(call->message, 'v', setting->type) > 0 &&
           read_value(call, setting->type, (char *)asked + setting->offset, error) &&
           sd_bus_message_exit_container(call->message) >= 0;
}

gboolean bus_app_read_settings(BusCall *call, AppAsked *asked, GError **error)
{
    int r = sd_bus_message_enter_container(call->message, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(call->message, 'e', "sv")) > 0) {
        if (!read_setting(call, asked, error) || sd_bus_message_exit_container(call->message) < 0) {
            r = -1;
        }
    }
    if (r < 0 || sd_bus_message_exit_container(call->message) < 0) {
        g_clear_error(error);
        g_set_error_literal(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED,
            "Settings are Name (s), RedirectUris (as), Scopes (as), Resources (as), "
            "PostLogoutRedirectUris (as), BackchannelLogoutUri (s), IdTokenAlgorithm (s), "
            "RefreshReplaySeconds (u), PolicyUri (s), TosUri (s), LogoUri (s) and Verified (b), "
            "none of them too long.");
        return FALSE;
    }
    return TRUE;
}
