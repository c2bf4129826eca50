/* SPDX-License-Identifier: GPL-3.0-or-later */

/* pam-caller.c - who may ask for what, and how much of it at a time */

#include "bus/local-user.h"
#include "bus/pam-inside.h"
#include "core/service.h"

/* By the uid's own entry: a name that a caller makes up asks NSS nothing. */
static gboolean is_himself(guint32 uid, const char *user)
{
    g_auto(LocalUser) himself = {0};

    return local_user_find(uid, &himself, NULL) && g_str_equal(himself.name, user);
}

gboolean pam_may_ask(const BusCall *call, const char *service, const char *user)
{
    const CoreConfig *config = runner_config(bus_server_runner(call->object->server));
    const ServicePolicy *policy = core_config_service(config, service_base_name(service));

    if (call->caller.uid == 0) {
        return TRUE;
    }
    return policy && policy->unprivileged && is_himself(call->caller.uid, user);
}

/* What stands, of whom a new one would be one. */
typedef struct Places {
    guint all, of_user;
} Places;

static gboolean is_alike(const BusCall *call, guint32 uid)
{
    return (uid == 0) == (call->caller.uid == 0);
}

/* Opens that are under way: whoever sends many at once has no more places. */
static void count_calls(const BusCall *call, Places *places)
{
    for (const GList *link = bus_server_calls(call->object->server)->head; link;
         link = link->next) {
        const BusCall *other = link->data;
        if (other != call && other->method == call->method && other->caller.uid != 0) {
            places->all++;
            places->of_user += other->caller.uid == call->caller.uid;
        }
    }
}

static void count_conversations(const BusCall *call, const char *user, Places *places)
{
    GHashTableIter iter;
    gpointer value = NULL;
    const gint64 now_usec = g_get_monotonic_time();

    g_hash_table_iter_init(&iter, pam_of(call)->conversations);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Conversation *conversation = value;
        if (conversation->ends_usec <= now_usec && !conversation->waiting) {
            g_hash_table_iter_remove(&iter); /* a prompt that was left standing */
            continue;
        }
        if (is_alike(call, conversation->uid)) {
            places->all++;
            places->of_user += g_str_equal(conversation->user, user);
        }
    }
}

static gboolean is_candidate(const Conversation *conversation, const char *user)
{
    return conversation->uid == 0 && (!user || g_str_equal(conversation->user, user));
}

/* How many each origin has standing. (transfer full) */
static GHashTable *count_origins(const BusCall *call, const char *user)
{
    GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, pam_of(call)->conversations);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Conversation *conversation = value;
        if (is_candidate(conversation, user)) {
            gsize count = GPOINTER_TO_SIZE(g_hash_table_lookup(counts, conversation->origin));
            (void)g_hash_table_insert(counts, conversation->origin, GSIZE_TO_POINTER(count + 1));
        }
    }
    return counts;
}

/* Of a user, or (NULL) of all: the oldest of the origin that has the most. So whoever leaves
 * prompts standing loses his own, and keeps nobody out. */
static void one_gives_way(const BusCall *call, const char *user)
{
    g_autoptr(GHashTable) counts = count_origins(call, user);
    GHashTableIter iter;
    gpointer value = NULL;
    Conversation *chosen = NULL;
    gsize most = 0;

    g_hash_table_iter_init(&iter, pam_of(call)->conversations);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Conversation *conversation = value;
        gsize count = GPOINTER_TO_SIZE(g_hash_table_lookup(counts, conversation->origin));
        if (is_candidate(conversation, user) &&
            (!chosen || count > most ||
             (count == most && conversation->born_usec < chosen->born_usec))) {
            chosen = conversation;
            most = count;
        }
    }
    if (chosen) {
        pam_conversation_cancel(chosen);
    }
}

gboolean pam_make_place(const BusCall *call, const char *user)
{
    Places places = {0};

    count_conversations(call, user, &places);
    if (call->caller.uid == 0) {
        if (places.of_user >= PAM_CONVERSATIONS_USER_MAX) {
            one_gives_way(call, user);
        } else if (places.all >= PAM_CONVERSATIONS_MAX) {
            one_gives_way(call, NULL);
        }
        return TRUE;
    }
    count_calls(call, &places);
    return places.all < PAM_UNPRIVILEGED_MAX && places.of_user < PAM_UNPRIVILEGED_USER_MAX;
}
