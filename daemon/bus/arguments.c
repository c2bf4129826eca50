/* SPDX-License-Identifier: GPL-3.0-or-later */

/* arguments.c - what callers send: read with limits, before anybody is asked anything */

#include "base/error.h"
#include "bus/serve.h"

#include <string.h>

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, words);
    return FALSE;
}

gboolean bus_read_text(BusCall *call, gsize bytes_max, const char **ret_text, GError **error)
{
    const char *text = NULL;

    if (sd_bus_message_read(call->message, "s", &text) <= 0) {
        return refuse(error, "A text is missing.");
    }
    if (strlen(text) > bytes_max) {
        return refuse(error, "A text is too long.");
    }
    *ret_text = text;
    return TRUE;
}

gboolean bus_read_texts(BusCall *call, const char *const **ret_texts, GError **error)
{
    const char **texts = bus_call_own(call, g_new0(const char *, BUS_TEXTS_MAX + 1));
    const char *text = NULL;
    guint n_texts = 0;
    int r = sd_bus_message_enter_container(call->message, 'a', "s");

    while (r >= 0 && (r = sd_bus_message_read(call->message, "s", &text)) > 0) {
        if (n_texts == BUS_TEXTS_MAX) {
            return refuse(error, "A list of texts is too long.");
        }
        if (strlen(text) > BUS_TEXT_BYTES_MAX) {
            return refuse(error, "A text is too long.");
        }
        texts[n_texts++] = text;
    }
    if (r < 0 || sd_bus_message_exit_container(call->message) < 0) {
        return refuse(error, "A list of texts is missing.");
    }
    *ret_texts = texts;
    return TRUE;
}

gboolean bus_read_named(BusCall *call, const char *const **ret_names, GError **error)
{
    if (!bus_read_texts(call, ret_names, error)) {
        return FALSE;
    }
    if (!**ret_names) {
        *ret_names = NULL;
    }
    return TRUE;
}

gboolean bus_read_id(BusCall *call, const Id **ret_id, GError **error)
{
    const char *text = NULL;
    Id *id = bus_call_own(call, g_new0(Id, 1));

    if (!bus_read_text(call, ID_TEXT_CHARS, &text, error)) {
        return FALSE;
    }
    if (!id_from_text(text, id)) {
        return refuse(error, "That is not an id: an id has 22 characters.");
    }
    *ret_id = id;
    return TRUE;
}

static const CoreConfig *config_of(const BusCall *call)
{
    return runner_config(bus_server_runner(call->object->server));
}

gboolean bus_read_tenant(BusCall *call, GError **error)
{
    const CoreConfig *config = config_of(call);
    const char *name = NULL;

    if (!bus_read_text(call, BUS_TEXT_BYTES_MAX, &name, error)) {
        return FALSE;
    }
    if (!*name && config->tenants->len != 1) {
        return refuse(error, "There are several tenants: name one.");
    }
    call->caller.tenant =
        *name ? core_config_tenant(config, name) : g_ptr_array_index(config->tenants, 0);
    return call->caller.tenant || refuse(error, "There is no tenant of that name.");
}

gboolean bus_read_host_tenant(BusCall *call, GError **error)
{
    const Tenant *tenant = core_config_pam_tenant(config_of(call));
    const char *name = NULL;

    if (!bus_read_text(call, BUS_TEXT_BYTES_MAX, &name, error)) {
        return FALSE;
    }
    if (!tenant) {
        return refuse(error, "There are several tenants, and [pam] tenant names none of them.");
    }
    if (*name && strcmp(name, tenant->name) != 0) {
        return refuse(
            error, "This host's services and links belong to the tenant that [pam] tenant names.");
    }
    call->caller.tenant = tenant;
    return TRUE;
}
