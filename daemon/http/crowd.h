/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * crowd.h - how many connections there are, in all and of each address: one for all workers
 *
 * Thread safe. Who lets clients in asks before; who closes a connection says so.
 */

#include "base/bell.h"

typedef struct Crowd Crowd;

/* @room: rung when the crowd was full and no longer is. */
Crowd *crowd_new(guint all_max, guint group_max, Bell *room);
void crowd_free(Crowd *crowd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Crowd, crowd_free)

/*
 * Before the last places are taken somebody is to go: at fifteen parts of sixteen as many as a few
 * newcomers need, so that these don't wait.
 */
#define CROWD_MARGIN_PART 16U
#define CROWD_LEAVERS     16U /* at once, beyond what is above that mark */

#define CROWD_SITE_TIMES 16U /* what an IPv6 /48 may have, against a /64 */

/* Counts one more of @group (of peer_group()), and of its site. (nullable): of trusted proxies
 * there may be any number. FALSE: it has as many as it may. */
gboolean crowd_enter(Crowd *crowd, const char *group);
/* @sent_away: crowd_send_away() counted it. */
void crowd_leave(Crowd *crowd, const char *group, gboolean sent_away);

/* How many should be sent away now. */
guint crowd_excess(Crowd *crowd);
/* Counts one who is sent away, and will leave soon. FALSE: enough are on their way. */
gboolean crowd_send_away(Crowd *crowd);

gboolean crowd_is_full(Crowd *crowd); /* nobody should be let in now */
guint crowd_count(Crowd *crowd);
