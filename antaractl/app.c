/* SPDX-License-Identifier: GPL-3.0-or-later */

/* app.c - antaractl app … */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "antaractl/time-span.h"

#define APP_FIELDS                                                                                 \
    "client_id:s name:s redirect_uris:as scopes:as level:s state:s born:x resources:as "           \
    "post_logout_redirect_uris:as backchannel_logout_uri:s id_token_alg:s refresh_replay:u "       \
    "policy_uri:s tos_uri:s logo_uri:s registered:b used:x"

/* Options of app add and app set, but the name; what may come several times is a list. */
#define APP_OPTIONS                                                                                \
    "redirect-uri= scope= resource= post-logout-redirect-uri= backchannel-logout-uri= "            \
    "id-token-alg= refresh-replay= policy-uri= tos-uri= logo-uri="
#define APP_OPTION_WORDS                                                                           \
    "[--scope S …] [--resource URI …] [--post-logout-redirect-uri URI …] "                   \
    "[--backchannel-logout-uri URI] [--id-token-alg RS256|ES256|EdDSA] [--refresh-replay "         \
    "TIME|off] [--policy-uri URI] [--tos-uri URI] [--logo-uri URI]"

typedef struct Setting {
    const char *option, *name;
    const char *type; /* of the bus */
} Setting;

static const Setting settings[] = {
    {"name", "Name", "s"},
    {"redirect-uri", "RedirectUris", "as"},
    {"scope", "Scopes", "as"},
    {"resource", "Resources", "as"},
    {"post-logout-redirect-uri", "PostLogoutRedirectUris", "as"},
    {"backchannel-logout-uri", "BackchannelLogoutUri", "s"},
    {"id-token-alg", "IdTokenAlgorithm", "s"},
    {"refresh-replay", "RefreshReplaySeconds", "u"},
    {"policy-uri", "PolicyUri", "s"},
    {"tos-uri", "TosUri", "s"},
    {"logo-uri", "LogoUri", "s"},
};

/* FALSE with a usage error. */
static gboolean read_replay(const Words *words, guint64 *ret_seconds, GError **error)
{
    const char *text = words_option(words, "refresh-replay");

    *ret_seconds = 0;
    return g_strcmp0(text, "off") == 0 || time_span_read(text, ret_seconds, error);
}

static int append_value(sd_bus_message *call, const Setting *setting, const Words *words)
{
    g_auto(GStrv) texts = words_options(words, setting->option);
    guint64 seconds = 0;

    switch (*setting->type) {
    case 's':
        return sd_bus_message_append(call, "s", words_option(words, setting->option));
    case 'u':
        (void)time_span_read(
            words_option(words, setting->option), &seconds, NULL); /* check_times() */
        return sd_bus_message_append(call, "u", (guint32)MIN(seconds, G_MAXUINT32));
    default:
        break;
    }
    /* An empty one, alone, takes all away. */
    return sd_bus_message_append_strv(call, **texts || texts[1] ? texts : texts + 1);
}

/* What was named, as the bus wants it. */
static int append_settings(sd_bus_message *call, const Words *words, const char *name)
{
    int r = sd_bus_message_open_container(call, 'a', "{sv}");

    r = r < 0 || !name ? r : sd_bus_message_append(call, "{sv}", "Name", "s", name);
    for (gsize i = 0; r >= 0 && i < G_N_ELEMENTS(settings); i++) {
        if (!words_have(words, settings[i].option)) {
            continue;
        }
        r = sd_bus_message_open_container(call, 'e', "sv");
        r = r < 0 ? r : sd_bus_message_append(call, "s", settings[i].name);
        r = r < 0 ? r : sd_bus_message_open_container(call, 'v', settings[i].type);
        r = r < 0 ? r : append_value(call, &settings[i], words);
        r = r < 0 ? r : sd_bus_message_close_container(call);
        r = r < 0 ? r : sd_bus_message_close_container(call);
    }
    return r < 0 ? r : sd_bus_message_close_container(call);
}

static gboolean check_add(const Words *words, GError **error)
{
    guint64 seconds = 0;

    if (!words_have(words, "redirect-uri")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE,
            "An app needs a redirect URI: add --redirect-uri URI");
        return FALSE;
    }
    return read_replay(words, &seconds, error);
}

static gboolean app_add(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "AddApp");

    int r = sd_bus_message_append(call, "s", words->tenant);
    r = r < 0 ? r : append_settings(call, words, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    *ret_result = reply ? bus_read_named(reply, "client_id", error) : NULL;
    return *ret_result != NULL;
}

static gboolean app_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListApps");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, APP_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean app_show(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ShowApp");
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_row(reply, APP_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean check_set(const Words *words, GError **error)
{
    guint64 seconds = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (words_have(words, settings[i].option)) {
            return read_replay(words, &seconds, error);
        }
    }
    g_set_error(
        error, CTL_ERROR, CTL_ERROR_USAGE,
        "Nothing to set: name an option, as antaractl app set --help lists them");
    return FALSE;
}

static gboolean app_set(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "SetApp");

    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    r = r < 0 ? r : append_settings(call, words, NULL);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    *ret_result = reply ? json_pack("{ss}", "client_id", words_place(words, 0)) : NULL;
    return reply != NULL;
}

static gboolean app_verify(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "SetApp");
    const int verified = !words_have(words, "withdraw");

    int r = sd_bus_message_append(
        call, "ssa{sv}", words->tenant, words_place(words, 0), 1, "Verified", "b", verified);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    *ret_result = reply ? json_pack("{ss}", "client_id", words_place(words, 0)) : NULL;
    return reply != NULL;
}

static gboolean app_remove(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "RemoveApp");
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? json_pack("{ss}", "client_id", words_place(words, 0)) : NULL;
    return reply != NULL;
}

const Command app_commands[] = {
    {"app", "add", "NAME --redirect-uri URI … " APP_OPTION_WORDS, APP_OPTIONS, 1, 1,
     "Register an app; prints its client id", check_add, app_add},
    {"app", "list", "", "", 0, 0, "List the apps", NULL, app_list},
    {"app", "show", "CLIENT_ID", "", 1, 1, "Show one app", NULL, app_show},
    {"app", "set", "CLIENT_ID [--name NAME] [--redirect-uri URI …] " APP_OPTION_WORDS,
     "name= " APP_OPTIONS, 1, 1, "Change an app; an empty list or URI takes it away", check_set,
     app_set},
    {"app", "verify", "CLIENT_ID [--withdraw]", "withdraw", 1, 1,
     "Say that you know whose app it is; people then see its name first", NULL, app_verify},
    {"app", "remove", "CLIENT_ID", "", 1, 1, "Remove an app, and every sign-in to it", NULL,
     app_remove},
    {0},
};
