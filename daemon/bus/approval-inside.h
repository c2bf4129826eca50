/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* approval-inside.h - what the files of org.antara1.Approval share */

#include "bus/approval.h"
#include "core/approval.h"

/* Of one's own, and an administrator's of everybody's. */
#define ACTION_OWN     "org.antara1.own-approvals"
#define ACTION_APPROVE "org.antara1.approve-own"
#define ACTION_MANAGE  "org.antara1.manage-approvals"

typedef struct Watchers Watchers;

typedef struct Approvals {
    BusObject object;
    BusMethod *methods; /* all rows, joined */
    sd_bus_vtable *vtable;
    Watchers *watchers;
} Approvals;

/* The caller's own name, into asked->own_user. */
gboolean approval_look_own(BusCall *call, gpointer asked, GError **error);
/* An administrator: polkit has spoken. */
gboolean approval_look_everybody(BusCall *call, gpointer asked, GError **error);
gboolean approval_read_tenant(BusCall *call, gpointer asked, GError **error);

/* approval-watch.c: Watch, WatchAll, Unwatch; ended by a NULL member */
extern const BusMethod approval_watch_methods[];
Watchers *watchers_new(Approvals *approvals);
void watchers_free(Watchers *watchers);
int watchers_listen(Watchers *watchers, sd_bus *bus); /* at each connection; negative errno */
void watchers_lost(Watchers *watchers);
void watchers_heard(Watchers *watchers, const Announcement *announcement);
