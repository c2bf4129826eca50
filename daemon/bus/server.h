/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* server.h - org.antara1 on the system bus: the connection, the name, and the objects */

#include "core/run.h"

typedef struct BusServer BusServer;

/* What status and health can be asked of the rest of the daemon; any may be NULL. */
typedef struct BusStatus {
    guint (*http_connections)(gpointer data);
    const char *(*kek_source)(gpointer data); /* words for the administrator */
    char *(*mail_problem)(gpointer data);     /* (transfer full): NULL: none */
    gpointer data;
} BusStatus;

/* Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS is honoured), joined to the default main
 * context. The bus server has a runner of its own, with announcements, which it makes. */
BusServer *
bus_server_new(Store *store, const CoreConfig *config, const BusStatus *status, GError **error);
void bus_server_free(BusServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BusServer, bus_server_free)
