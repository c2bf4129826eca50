/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/refusal.h"

#include "crypto/digest.h"

#include <string.h>

static const RecordField refusal_fields[] = {
    {.number = 1, "event", FIELD_TEXT, offsetof(Refusal, event)},
    {.number = 2, "since_usec", FIELD_I64, offsetof(Refusal, since_usec)},
    {.number = 3, "count", FIELD_U32, offsetof(Refusal, count)},
    {.number = 0},
};

const RecordTable refusal_table =
    {.name = "refusal", .kind = KIND_REFUSAL, .size = sizeof(Refusal), .fields = refusal_fields};

void refusal_free(Refusal *refusal)
{
    record_free(&refusal_table, refusal);
}

/* What is there of this minute. */
typedef struct Minute {
    guint8 own_key[SHA256_BYTES], all_key[SHA256_BYTES];
    Refusal *own; /* of the user; NULL: none */
    Refusal *all; /* of the service */
} Minute;

static void minute_clear(Minute *minute)
{
    g_clear_pointer(&minute->own, refusal_free);
    g_clear_pointer(&minute->all, refusal_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Minute, minute_clear)

/* Only the user's name, which comes last, can hold a line feed. */
static void make_keys(const RefusalOf *of, Minute *minute)
{
    g_autofree char *all =
        g_strdup_printf("%s\n%u\n%s", of->by_root ? "+" : "-", (guint)of->reason, of->service);
    g_autofree char *own = g_strconcat(all, "\n", of->local_user, NULL);

    sha256(all, strlen(all), minute->all_key);
    sha256(own, strlen(own), minute->own_key);
}

static gboolean
load(Txn *txn, const guint8 key[SHA256_BYTES], Refusal **ret_refusal, GError **error)
{
    return record_load(txn, &refusal_table, key, SHA256_BYTES, (gpointer *)ret_refusal, error);
}

static gboolean
save(Txn *txn, const guint8 key[SHA256_BYTES], const Refusal *refusal, GError **error)
{
    return record_save(
        txn, &refusal_table, key, SHA256_BYTES, refusal, refusal->since_usec + REFUSAL_USEC, error);
}

static gboolean look(Txn *txn, const RefusalOf *of, Minute *minute, GError **error)
{
    make_keys(of, minute);
    return load(txn, minute->own_key, &minute->own, error) &&
           load(txn, minute->all_key, &minute->all, error);
}

static gboolean is_one_of_many(const Minute *minute)
{
    return !minute->own && minute->all && minute->all->count >= REFUSALS_OF_SERVICE_MAX;
}

/* NULL: none yet. */
static const char *event_of(const Minute *minute)
{
    const Refusal *refusal = is_one_of_many(minute) ? minute->all : minute->own;

    return refusal && refusal->event && *refusal->event ? refusal->event : NULL;
}

static Refusal *refusal_new(const Txn *txn)
{
    Refusal *refusal = g_new0(Refusal, 1);

    refusal->since_usec = txn_now(txn);
    return refusal;
}

static gboolean count_one(Txn *txn, Minute *minute, GError **error)
{
    if (!minute->all) {
        minute->all = refusal_new(txn);
    }
    minute->all->count++;
    return save(txn, minute->all_key, minute->all, error);
}

static gboolean note_user(Txn *txn, Minute *minute, const char *event, GError **error)
{
    minute->own = refusal_new(txn);
    minute->own->event = g_strdup(event);
    return save(txn, minute->own_key, minute->own, error) && count_one(txn, minute, error);
}

static gboolean note_many(Txn *txn, Minute *minute, const char *event, GError **error)
{
    g_free(minute->all->event);
    minute->all->event = g_strdup(event);
    return save(txn, minute->all_key, minute->all, error);
}

static gboolean
keep(Txn *txn, const RefusalOf *of, Minute *minute, const char *event, GError **error)
{
    const gboolean many = is_one_of_many(minute);
    g_autofree char *detail = g_strjoin(
        " ", of->host ? of->host : "", of->pam_service, many ? "(many)" : of->local_user, NULL);
    const Event news = {
        .subject = EVENT_OF_APP,
        .subject_id = of->app,
        .what = EVENT_REFUSAL,
        .outcome = OUTCOME_DENIED,
        .reason = of->reason,
        .detail = detail};

    if (!event_write_as(txn, &news, event, error)) {
        return FALSE;
    }
    if (event_of(minute)) { /* told before that one was there */
        return count_one(txn, minute, error);
    }
    return many ? note_many(txn, minute, event, error) : note_user(txn, minute, event, error);
}

/* (transfer full): NULL on failure. */
static char *tell(Txn *txn, const Minute *minute, gboolean *ret_new, GError **error)
{
    const char *event = event_of(minute);

    *ret_new = event == NULL;
    return event ? g_strdup(event) : event_draw(txn, error);
}

gboolean
refusal_note(Txn *txn, const RefusalOf *of, char **ret_event, gboolean *ret_new, GError **error)
{
    g_auto(Minute) minute = {.own = NULL};

    *ret_event = look(txn, of, &minute, error) ? tell(txn, &minute, ret_new, error) : NULL;
    return *ret_event && (!*ret_new || keep(txn, of, &minute, *ret_event, error));
}

gboolean
refusal_foretell(Txn *txn, const RefusalOf *of, char **ret_event, gboolean *ret_new, GError **error)
{
    g_auto(Minute) minute = {.own = NULL};

    *ret_event = look(txn, of, &minute, error) ? tell(txn, &minute, ret_new, error) : NULL;
    return *ret_event != NULL;
}

gboolean refusal_keep(Txn *txn, const RefusalOf *of, const char *event, GError **error)
{
    g_auto(Minute) minute = {.own = NULL};

    if (!look(txn, of, &minute, error)) {
        return FALSE;
    }
    return g_strcmp0(event_of(&minute), event) == 0 || keep(txn, of, &minute, event, error);
}
