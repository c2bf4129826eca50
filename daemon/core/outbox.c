/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/outbox.h"

#include "crypto/random.h"

#include <string.h>

#define SCAN_MAX 1000U /* entries looked at in one act */

/* One for the tenant (id "days"): its days that may hold entries; and one for each day (id: the
 * day): its numbers that may. Both count up only; what stands before @first is gone. */
typedef struct OutboxHead {
    guint32 first;
    guint32 next;
} OutboxHead;

static const RecordField outbox_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(OutboxEntry, id)},
    {.number = 2, "kind", FIELD_U32, offsetof(OutboxEntry, kind)},
    {.number = 3, "day", FIELD_U32, offsetof(OutboxEntry, day)},
    {.number = 4, "number", FIELD_U32, offsetof(OutboxEntry, number)},
    {.number = 5, "to", FIELD_TEXT, offsetof(OutboxEntry, to), .secret = TRUE},
    {.number = 6, "link", FIELD_TEXT, offsetof(OutboxEntry, link), .secret = TRUE},
    {.number = 7, "code", FIELD_TEXT, offsetof(OutboxEntry, code), .secret = TRUE},
    {.number = 8, "locale", FIELD_TEXT, offsetof(OutboxEntry, locale)},
    {.number = 9, "agent", FIELD_TEXT, offsetof(OutboxEntry, agent)},
    {.number = 10, "address", FIELD_TEXT, offsetof(OutboxEntry, address)},
    {.number = 11, "next_usec", FIELD_I64, offsetof(OutboxEntry, next_usec)},
    {.number = 12, "tries", FIELD_U32, offsetof(OutboxEntry, tries)},
    {.number = 13, "expires_usec", FIELD_I64, offsetof(OutboxEntry, expires_usec)},
    {.number = 14, "born_usec", FIELD_I64, offsetof(OutboxEntry, born_usec)},
    {.number = 0},
};

const RecordTable outbox_table = {
    .name = "outbox",
    .kind = KIND_OUTBOX,
    .size = sizeof(OutboxEntry),
    .fields = outbox_fields,
    .of_epoch = TRUE};

static const RecordField head_fields[] = {
    {.number = 1, "first", FIELD_U32, offsetof(OutboxHead, first)},
    {.number = 2, "next", FIELD_U32, offsetof(OutboxHead, next)},
    {.number = 0},
};

static const RecordTable head_table = {
    .name = "outbox head",
    .kind = KIND_OUTBOX_HEAD,
    .size = sizeof(OutboxHead),
    .fields = head_fields};

void outbox_entry_free(OutboxEntry *entry)
{
    record_free(&outbox_table, entry);
}

static void make_key(guint32 day, guint32 number, guint8 ret_key[8])
{
    const guint32 both[] = {GUINT32_TO_BE(day), GUINT32_TO_BE(number)};

    memcpy(ret_key, both, sizeof(both));
}

/* A head that isn't there is empty at @start. */
static gboolean
head_load(Txn *txn, const void *id, gsize size, guint32 start, OutboxHead *ret_head, GError **error)
{
    gpointer found = NULL;

    if (!record_load(txn, &head_table, id, size, &found, error)) {
        return FALSE;
    }
    *ret_head = found ? *(const OutboxHead *)found : (OutboxHead){start, start};
    record_free(&head_table, found);
    return TRUE;
}

static gboolean
head_save(Txn *txn, const void *id, gsize size, const OutboxHead *head, GError **error)
{
    return record_save(txn, &head_table, id, size, head, 0, error);
}

static gboolean
entry_load(Txn *txn, guint32 day, guint32 number, OutboxEntry **ret_entry, GError **error)
{
    guint8 key[8];

    make_key(day, number, key);
    return record_load(txn, &outbox_table, key, sizeof(key), (gpointer *)ret_entry, error);
}

static gboolean entry_save(Txn *txn, const OutboxEntry *entry, GError **error)
{
    guint8 key[8];

    make_key(entry->day, entry->number, key);
    return record_save(txn, &outbox_table, key, sizeof(key), entry, entry->expires_usec, error);
}

static gboolean entry_delete(Txn *txn, guint32 day, guint32 number, GError **error)
{
    guint8 key[8];

    make_key(day, number, key);
    return txn_delete(txn, KIND_OUTBOX, key, sizeof(key), error);
}

/* Draws the entry's place; both heads count on. */
static gboolean take_place(Txn *txn, OutboxEntry *entry, GError **error)
{
    guint32 today = (guint32)(txn_now(txn) / USEC_PER_DAY);
    guint32 day_id = GUINT32_TO_BE(today);
    OutboxHead days;
    OutboxHead day;

    if (!head_load(txn, "days", 4 + 1, today, &days, error) ||
        !head_load(txn, &day_id, sizeof(day_id), 0, &day, error)) {
        return FALSE;
    }
    entry->day = today;
    entry->number = day.next++;
    gboolean new_day = days.next <= today;
    days.next = MAX(days.next, today + 1);
    return head_save(txn, &day_id, sizeof(day_id), &day, error) &&
           (!new_day || head_save(txn, "days", 4 + 1, &days, error));
}

gboolean outbox_add(Txn *txn, OutboxEntry *entry, GError **error)
{
    random_id(&entry->id);
    entry->born_usec = entry->next_usec = txn_now(txn);
    if (!take_place(txn, entry, error) || !entry_save(txn, entry, error)) {
        return FALSE;
    }
    txn_announce(txn, KIND_OUTBOX, &entry->id, CHANGE_ADDED);
    return TRUE;
}

/* A walk over all entries, the oldest first. */
typedef struct Walk {
    Txn *txn;
    const OutboxAsked *asked;
    OutboxAnswer *answer;
    gboolean tidy; /* moves the heads over what is gone */
    guint scanned;
} Walk;

static gboolean visit_take(Walk *walk, OutboxEntry **entry, GError **error)
{
    OutboxAnswer *answer = walk->answer;
    gint64 now = txn_now(walk->txn);

    if ((*entry)->next_usec > now || answer->entries->len == walk->asked->max) {
        gint64 when = MAX((*entry)->next_usec, now);
        answer->next_usec = answer->next_usec ? MIN(answer->next_usec, when) : when;
        return TRUE;
    }
    (*entry)->next_usec = now + OUTBOX_LEASE_USEC;
    if (!entry_save(walk->txn, *entry, error)) {
        return FALSE;
    }
    gint64 lease = (*entry)->next_usec;
    answer->next_usec = answer->next_usec ? MIN(answer->next_usec, lease) : lease;
    g_ptr_array_add(answer->entries, g_steal_pointer(entry));
    return TRUE;
}

static gboolean visit(Walk *walk, OutboxEntry **entry, GError **error)
{
    if (*(*entry)->to) {
        gint64 oldest = walk->answer->oldest_usec;
        walk->answer->waiting++;
        walk->answer->oldest_usec = oldest ? MIN(oldest, (*entry)->born_usec) : (*entry)->born_usec;
    }
    return !walk->tidy || visit_take(walk, entry, error);
}

/* *ret_empty: nothing is left of this day. */
static gboolean walk_day(Walk *walk, guint32 day, gboolean *ret_empty, GError **error)
{
    guint32 day_id = GUINT32_TO_BE(day);
    OutboxHead head;
    gboolean leading = TRUE; /* nothing alive was met yet */

    if (!head_load(walk->txn, &day_id, sizeof(day_id), 0, &head, error)) {
        return FALSE;
    }
    guint32 first = head.first;
    for (guint32 i = first; i < head.next && walk->scanned < SCAN_MAX; i++, walk->scanned++) {
        g_autoptr(OutboxEntry) entry = NULL;
        if (!entry_load(walk->txn, day, i, &entry, error)) {
            return FALSE;
        }
        leading = leading && !entry;
        head.first += leading ? 1 : 0;
        if (entry && !visit(walk, &entry, error)) {
            return FALSE;
        }
    }
    *ret_empty = head.first == head.next;
    return !walk->tidy || head.first == first ||
           head_save(walk->txn, &day_id, sizeof(day_id), &head, error);
}

static gboolean walk_all(Walk *walk, GError **error)
{
    guint32 today = (guint32)(txn_now(walk->txn) / USEC_PER_DAY);
    OutboxHead days;
    gboolean leading = TRUE;

    if (!head_load(walk->txn, "days", 4 + 1, today, &days, error)) {
        return FALSE;
    }
    guint32 first = days.first;
    for (guint32 day = first; day < days.next && walk->scanned < SCAN_MAX; day++) {
        gboolean empty = FALSE;
        if (!walk_day(walk, day, &empty, error)) {
            return FALSE;
        }
        leading = leading && empty && day < today; /* today's numbers count on */
        if (!leading || !walk->tidy) {
            continue;
        }
        guint32 day_id = GUINT32_TO_BE(day);
        days.first++;
        if (!txn_delete(walk->txn, KIND_OUTBOX_HEAD, &day_id, sizeof(day_id), error)) {
            return FALSE;
        }
    }
    if (walk->scanned == SCAN_MAX) {
        walk->answer->next_usec = txn_now(walk->txn); /* there is more */
    }
    return days.first == first || head_save(walk->txn, "days", 4 + 1, &days, error);
}

static void entry_drop(gpointer entry)
{
    outbox_entry_free(entry);
}

static void answer_clear(gpointer data)
{
    OutboxAnswer *answer = data;

    g_clear_pointer(&answer->entries, g_ptr_array_unref);
}

Outcome outbox_take(Txn *txn, const OutboxAsked *asked, OutboxAnswer *ret_answer, GError **error)
{
    Walk walk = {txn, asked, ret_answer, TRUE, 0};

    ret_answer->entries = g_ptr_array_new_with_free_func(entry_drop);
    return walk_all(&walk, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(outbox_take, OutboxAsked, OutboxAnswer, answer_clear);

Outcome outbox_look(Txn *txn, const OutboxAsked *asked, OutboxAnswer *ret_answer, GError **error)
{
    Walk walk = {txn, asked, ret_answer, FALSE, 0};

    return walk_all(&walk, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(outbox_look, OutboxAsked, OutboxAnswer, answer_clear);

Outcome outbox_done(Txn *txn, const OutboxAsked *asked, OutboxAnswer *ret_answer, GError **error)
{
    (void)ret_answer;
    return entry_delete(txn, asked->day, asked->number, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(outbox_done, OutboxAsked, OutboxAnswer, answer_clear);

static gint64 backoff_usec(guint tries)
{
    return tries > 16 ? OUTBOX_RETRY_USEC_MAX
                      : MIN(OUTBOX_RETRY_USEC_MIN << tries, OUTBOX_RETRY_USEC_MAX);
}

Outcome outbox_later(Txn *txn, const OutboxAsked *asked, OutboxAnswer *ret_answer, GError **error)
{
    g_autoptr(OutboxEntry) entry = NULL;

    if (!entry_load(txn, asked->day, asked->number, &entry, error)) {
        return OUTCOME_BROKEN;
    }
    if (!entry) {
        ret_answer->reason = REASON_NOT_FOUND; /* sent, or expired meanwhile */
        return OUTCOME_DENIED;
    }
    entry->next_usec = txn_now(txn) + backoff_usec(entry->tries);
    entry->tries++;
    ret_answer->next_usec = entry->next_usec;
    return entry_save(txn, entry, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(outbox_later, OutboxAsked, OutboxAnswer, answer_clear);
