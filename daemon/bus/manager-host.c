/* SPDX-License-Identifier: GPL-3.0-or-later */

/* manager-host.c - services and links of this host */

#include "base/error.h"
#include "bus/manager.h"
#include "core/link.h"

#include <errno.h>
#include <pwd.h>

#define ACTION_SERVICES "org.antara1.manage-services"
#define ACTION_LINKS    "org.antara1.manage-links"
#define ACTION_VIEW     "org.antara1.view-accounts"
#define LINK_FIELDS     "ssassxb" /* id, local user, services, email, born, by himself */

#define SERVICE_NAME_BYTES_MAX 64U
#define ORDINARY_UID_MIN       1000U
#define PASSWD_BYTES           16384U

static gboolean read_host(BusCall *call, G_GNUC_UNUSED gpointer asked, GError **error)
{
    return bus_read_host_tenant(call, error);
}

static gboolean read_service(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_host_tenant(call, error) &&
           bus_read_text(call, SERVICE_NAME_BYTES_MAX, &((ServiceAsked *)asked)->name, error);
}

static gboolean read_link(BusCall *call, LinkAsked *asked, GError **error)
{
    if (!bus_read_host_tenant(call, error) ||
        !bus_read_text(call, LINK_USER_BYTES_MAX, &asked->local_user, error)) {
        return FALSE;
    }
    if (!*asked->local_user) {
        g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "A local user is missing.");
        return FALSE;
    }
    return TRUE;
}

/* Sources of names say "not found" by 0 or by one of these (getpwnam_r(3), NOTES). */
static gboolean says_unknown(int r)
{
    return r == 0 || r == ENOENT || r == ESRCH;
}

/* A privileged user is one whom the administrator must have named; a user unknown here is refused,
 * so that nobody is linked in advance to a name that a package makes later. */
static gboolean look_up_user(G_GNUC_UNUSED BusCall *call, gpointer data, GError **error)
{
    LinkAsked *asked = data;
    struct passwd entry;
    struct passwd *found = NULL;
    g_autofree char *buffer = g_malloc(PASSWD_BYTES);

    int r = getpwnam_r(asked->local_user, &entry, buffer, PASSWD_BYTES, &found);
    if (!found && says_unknown(r)) {
        g_set_error_literal(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "There is no such local user.");
        return FALSE;
    }
    if (!found) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "The local user could not be looked up: %s.",
            g_strerror(r));
        return FALSE;
    }
    asked->privileged = entry.pw_uid < ORDINARY_UID_MIN;
    return TRUE;
}

static gboolean read_link_add(BusCall *call, gpointer data, GError **error)
{
    LinkAsked *asked = data;

    return read_link(call, asked, error) &&
           bus_read_text(call, BUS_TEXT_BYTES_MAX, &asked->email, error) &&
           bus_read_named(call, &asked->services, error);
}

static gboolean read_link_remove(BusCall *call, gpointer asked, GError **error)
{
    return read_link(call, asked, error) &&
           bus_read_named(call, &((LinkAsked *)asked)->services, error);
}

static int reply_services(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GArray *rows = ((ServiceAnswer *)answer)->rows;

    int r = sd_bus_message_open_container(reply, 'a', "(sbb)");
    for (guint i = 0; r >= 0 && rows && i < rows->len; i++) {
        const ServiceRow *row = &g_array_index(rows, ServiceRow, i);
        r = sd_bus_message_append(reply, "(sbb)", row->name, row->enabled, row->configured);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_link(sd_bus_message *reply, const LinkRow *row)
{
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&row->id, id);
    int r = sd_bus_message_open_container(reply, 'r', LINK_FIELDS);
    r = r < 0 ? r : sd_bus_message_append(reply, "ss", id, row->local_user);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, row->services);
    r = r < 0 ? r
              : sd_bus_message_append(
                    reply, "sxb", row->email ? row->email : "", row->born_usec, row->by_himself);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_links(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GArray *rows = ((LinkAnswer *)answer)->rows;

    int r = sd_bus_message_open_container(reply, 'a', "(" LINK_FIELDS ")");
    for (guint i = 0; r >= 0 && rows && i < rows->len; i++) {
        r = append_link(reply, &g_array_index(rows, LinkRow, i));
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_link_id(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&((LinkAnswer *)answer)->id, id);
    return sd_bus_message_append(reply, "s", id);
}

const BusMethod manager_host_methods[] = {
    {.member = "ListServices",
     .in = "s",
     .out = "a(sbb)",
     .names = "tenant\0services\0",
     .act = &service_list_act,
     .asked_size = sizeof(ServiceAsked),
     .read = read_host,
     .reply = reply_services},
    {.member = "EnableService",
     .in = "ss",
     .out = "",
     .names = "tenant\0name\0",
     .action = ACTION_SERVICES,
     .act = &service_enable_act,
     .asked_size = sizeof(ServiceAsked),
     .read = read_service},
    {.member = "DisableService",
     .in = "ss",
     .out = "",
     .names = "tenant\0name\0",
     .action = ACTION_SERVICES,
     .act = &service_disable_act,
     .asked_size = sizeof(ServiceAsked),
     .read = read_service},
    {.member = "AddLink",
     .in = "sssas",
     .out = "s",
     .names = "tenant\0local_user\0email\0services\0id\0",
     .action = ACTION_LINKS,
     .act = &link_add_act,
     .asked_size = sizeof(LinkAsked),
     .read = read_link_add,
     .look = look_up_user,
     .reply = reply_link_id},
    {.member = "ListLinks",
     .in = "s",
     .out = "a(" LINK_FIELDS ")",
     .names = "tenant\0links\0",
     .action = ACTION_VIEW,
     .act = &link_list_act,
     .asked_size = sizeof(LinkAsked),
     .read = read_host,
     .reply = reply_links},
    {.member = "RemoveLink",
     .in = "ssas",
     .out = "",
     .names = "tenant\0local_user\0services\0",
     .action = ACTION_LINKS,
     .act = &link_remove_act,
     .asked_size = sizeof(LinkAsked),
     .read = read_link_remove},
    {0},
};
