/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/crowd.h"

#include "base/lock.h"
#include "http/peer.h"

struct Crowd {
    Lock lock;
    guint all;
    guint all_max;
    guint mark; /* from here on some are sent away, until there are fewer than this by so many: */
    guint leavers;
    guint sent_away; /* of all: they will have left soon */
    guint group_max;
    GHashTable *groups; /* group or site -> count, never 0 */
    Bell *room;
};

Crowd *crowd_new(guint all_max, guint group_max, Bell *room)
{
    Crowd *crowd = g_new0(Crowd, 1);

    g_assert(pthread_mutex_init(&crowd->lock, NULL) == 0);
    crowd->all_max = all_max;
    const guint margin = MIN(MAX(all_max / CROWD_MARGIN_PART, 1), all_max / 2);
    crowd->mark = all_max - margin;
    crowd->leavers = CLAMP(margin, 1, CROWD_LEAVERS);
    crowd->group_max = group_max;
    crowd->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    crowd->room = bell_ref(room);
    return crowd;
}

void crowd_free(Crowd *crowd)
{
    if (!crowd) {
        return;
    }
    g_hash_table_unref(crowd->groups);
    bell_unref(crowd->room);
    (void)pthread_mutex_destroy(&crowd->lock);
    g_free(crowd);
}

static guint count_of(const Crowd *crowd, const char *group)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(crowd->groups, group));
}

/* NULL has any room, and is not counted. */
static gboolean has_room(const Crowd *crowd, const char *group, guint max)
{
    return !group || count_of(crowd, group) < max;
}

static void count(Crowd *crowd, const char *group, gboolean more)
{
    if (!group) {
        return;
    }
    guint now = count_of(crowd, group);
    g_assert(more || now > 0);
    now = more ? now + 1 : now - 1;
    if (now > 0) {
        g_hash_table_insert(crowd->groups, g_strdup(group), GUINT_TO_POINTER(now));
    } else {
        (void)g_hash_table_remove(crowd->groups, group);
    }
}

gboolean crowd_enter(Crowd *crowd, const char *group)
{
    g_autofree char *site = peer_site(group);
    LOCKED(&crowd->lock);

    if (!has_room(crowd, group, crowd->group_max) ||
        !has_room(crowd, site, crowd->group_max * CROWD_SITE_TIMES)) {
        return FALSE;
    }
    count(crowd, group, TRUE);
    count(crowd, site, TRUE);
    crowd->all++;
    return TRUE;
}

static guint rest(const Crowd *crowd)
{
    return crowd->all - crowd->sent_away;
}

guint crowd_excess(Crowd *crowd)
{
    LOCKED(&crowd->lock);

    return rest(crowd) >= crowd->mark ? rest(crowd) - (crowd->mark - crowd->leavers) : 0;
}

gboolean crowd_send_away(Crowd *crowd)
{
    LOCKED(&crowd->lock);
    gboolean goes = rest(crowd) > crowd->mark - crowd->leavers;

    crowd->sent_away += goes ? 1 : 0;
    return goes;
}

void crowd_leave(Crowd *crowd, const char *group, gboolean sent_away)
{
    g_autofree char *site = peer_site(group);
    LOCKED(&crowd->lock);

    g_assert(crowd->all > 0);
    count(crowd, group, FALSE);
    count(crowd, site, FALSE);
    crowd->sent_away -= sent_away ? 1 : 0;
    if (crowd->all-- == crowd->all_max) {
        bell_ring(crowd->room);
    }
}

gboolean crowd_is_full(Crowd *crowd)
{
    LOCKED(&crowd->lock);

    return crowd->all >= crowd->all_max;
}

guint crowd_count(Crowd *crowd)
{
    LOCKED(&crowd->lock);

    return crowd->all;
}
