/* SPDX-License-Identifier: GPL-3.0-or-later */

/* manager-known-key.c - the ssh keys that are let in as a local user without being asked */

#include "bus/manager.h"
#include "core/known-key.h"

#define ACTION_LINKS "org.antara1.manage-links"
#define ACTION_VIEW  "org.antara1.view-accounts"
#define KEY_FIELDS   "sssxs" /* key, service, local user, until, event */

static gboolean read_user(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_host_tenant(call, error) &&
           bus_read_text(call, LINK_USER_BYTES_MAX, &((KnownKeyAsked *)asked)->local_user, error);
}

static int append_key(sd_bus_message *reply, const KnownKey *known)
{
    g_autofree char *key = ssh_key_show(known->key);

    return sd_bus_message_append(
        reply, "(" KEY_FIELDS ")", key, known->service, known->local_user, known->until_usec,
        known->event);
}

static int reply_keys(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GPtrArray *rows = ((KnownKeyAnswer *)answer)->rows;

    int r = sd_bus_message_open_container(reply, 'a', "(" KEY_FIELDS ")");
    for (guint i = 0; r >= 0 && rows && i < rows->len; i++) {
        r = append_key(reply, rows->pdata[i]);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

const BusMethod manager_known_key_methods[] = {
    {.member = "ListKnownKeys",
     .in = "ss",
     .out = "a(" KEY_FIELDS ")",
     .names = "tenant\0local_user\0keys\0",
     .action = ACTION_VIEW,
     .act = &known_key_list_act,
     .asked_size = sizeof(KnownKeyAsked),
     .read = read_user,
     .reply = reply_keys},
    {.member = "EndKnownKeys",
     .in = "ss",
     .out = "",
     .names = "tenant\0local_user\0",
     .action = ACTION_LINKS,
     .act = &known_key_end_all_act,
     .asked_size = sizeof(KnownKeyAsked),
     .read = read_user},
    {0},
};
