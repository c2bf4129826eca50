/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/outbox.h"

#include "crypto/random.h"

#include <string.h>

#define SCAN_MAX 1000U /* entries looked at in one act */

/* One for each lane: its days that may hold entries; and one for each day of a lane: its numbers
 * that may. Both count up only; what stands before @first is gone. */
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
    {.number = 15, "client_id", FIELD_TEXT, offsetof(OutboxEntry, client_id)},
    {.number = 16, "subject", FIELD_TEXT, offsetof(OutboxEntry, subject)},
    {.number = 17, "sid", FIELD_TEXT, offsetof(OutboxEntry, sid)},
    {.number = 18, "alg", FIELD_U32, offsetof(OutboxEntry, alg)},
    {.number = 19, "host", FIELD_TEXT, offsetof(OutboxEntry, host)},
    {.number = 20, "local_user", FIELD_TEXT, offsetof(OutboxEntry, local_user)},
    {.number = 21, "services", FIELD_TEXT, offsetof(OutboxEntry, services)},
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

static OutboxLane lane_of(guint32 kind)
{
    return kind == OUTBOX_LOGOUT ? OUTBOX_LANE_LOGOUT : OUTBOX_LANE_MAIL;
}

/* Where an entry stands, or (by its lane and day) the head of a day, or (by its lane) that of all
 * days. */
typedef struct Place {
    guint32 lane, day, number; /* big-endian */
} Place;
#define DAYS_BYTES offsetof(Place, day)
#define DAY_BYTES  offsetof(Place, number)

static Place place_of(OutboxLane lane, guint32 day, guint32 number)
{
    return (Place){GUINT32_TO_BE((guint32)lane), GUINT32_TO_BE(day), GUINT32_TO_BE(number)};
}

/* A head that isn't there is empty at @start. */
static gboolean head_load(
    Txn *txn,
    const Place *place,
    gsize size,
    guint32 start,
    OutboxHead *ret_head,
    GError **error)
{
    gpointer found = NULL;

    if (!record_load(txn, &head_table, place, size, &found, error)) {
        return FALSE;
    }
    *ret_head = found ? *(const OutboxHead *)found : (OutboxHead){start, start};
    record_free(&head_table, found);
    return TRUE;
}

static gboolean
head_save(Txn *txn, const Place *place, gsize size, const OutboxHead *head, GError **error)
{
    return record_save(txn, &head_table, place, size, head, 0, error);
}

static gboolean entry_load(Txn *txn, const Place *place, OutboxEntry **ret_entry, GError **error)
{
    return record_load(txn, &outbox_table, place, sizeof(*place), (gpointer *)ret_entry, error);
}

static gboolean entry_save(Txn *txn, const OutboxEntry *entry, GError **error)
{
    const Place place = place_of(lane_of(entry->kind), entry->day, entry->number);

    return record_save(
        txn, &outbox_table, &place, sizeof(place), entry, entry->expires_usec, error);
}

/* Draws the entry's place; both heads count on. */
static gboolean take_place(Txn *txn, OutboxEntry *entry, GError **error)
{
    guint32 today = (guint32)(txn_now(txn) / USEC_PER_DAY);
    const Place place = place_of(lane_of(entry->kind), today, 0);
    OutboxHead days;
    OutboxHead day;

    if (!head_load(txn, &place, DAYS_BYTES, today, &days, error) ||
        !head_load(txn, &place, DAY_BYTES, 0, &day, error)) {
        return FALSE;
    }
    entry->day = today;
    entry->number = day.next++;
    gboolean new_day = days.next <= today;
    days.next = MAX(days.next, today + 1);
    return head_save(txn, &place, DAY_BYTES, &day, error) &&
           (!new_day || head_save(txn, &place, DAYS_BYTES, &days, error));
}

gboolean outbox_add(Txn *txn, OutboxEntry *entry, GError **error)
{
    random_id(&entry->id);
    entry->born_usec = txn_now(txn);
    entry->next_usec = entry->next_usec ? entry->next_usec : entry->born_usec;
    if (!take_place(txn, entry, error) || !entry_save(txn, entry, error)) {
        return FALSE;
    }
    txn_announce(txn, KIND_OUTBOX, &entry->id, CHANGE_ADDED);
    return TRUE;
}

/* A walk over the entries of a lane, the oldest first, from where it was asked to begin. */
typedef struct Walk {
    Txn *txn;
    const OutboxAsked *asked;
    OutboxAnswer *answer;
    gboolean tidy; /* takes; moves the heads over what is gone */
    guint scanned;
} Walk;

static void look_again(OutboxAnswer *answer, gint64 usec)
{
    answer->next_usec = answer->next_usec ? MIN(answer->next_usec, usec) : usec;
}

static gboolean visit_take(Walk *walk, OutboxEntry **entry, GError **error)
{
    gint64 now = txn_now(walk->txn);
    gint64 due = (*entry)->next_usec;

    if (due > now) {
        look_again(walk->answer, due);
        return TRUE;
    }
    (*entry)->next_usec = now + OUTBOX_LEASE_USEC;
    if (!entry_save(walk->txn, *entry, error)) {
        return FALSE;
    }
    look_again(walk->answer, (*entry)->next_usec);
    (*entry)->next_usec = due;
    g_ptr_array_add(walk->answer->entries, g_steal_pointer(entry));
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

/* Enough for one act: the next one goes on there. */
static gboolean is_enough(Walk *walk, guint32 day, guint32 number)
{
    OutboxAnswer *answer = walk->answer;

    if (walk->scanned < SCAN_MAX && !(walk->tidy && answer->entries->len == walk->asked->max)) {
        return FALSE;
    }
    answer->more = TRUE;
    answer->day = day;
    answer->number = number;
    look_again(answer, txn_now(walk->txn));
    return TRUE;
}

/* *ret_empty: nothing is left of this day. */
static gboolean walk_day(Walk *walk, guint32 day, gboolean *ret_empty, GError **error)
{
    const Place place = place_of(walk->asked->lane, day, 0);
    OutboxHead head;

    if (!head_load(walk->txn, &place, DAY_BYTES, 0, &head, error)) {
        return FALSE;
    }
    guint32 first = head.first;
    guint32 start = day == walk->asked->day ? MAX(first, walk->asked->number) : first;
    gboolean leading = start == first; /* nothing alive was met yet */
    for (guint32 i = start; i < head.next && !is_enough(walk, day, i); i++, walk->scanned++) {
        const Place at = place_of(walk->asked->lane, day, i);
        g_autoptr(OutboxEntry) entry = NULL;
        if (!entry_load(walk->txn, &at, &entry, error)) {
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
           head_save(walk->txn, &place, DAY_BYTES, &head, error);
}

static gboolean walk_all(Walk *walk, GError **error)
{
    guint32 today = (guint32)(txn_now(walk->txn) / USEC_PER_DAY);
    const Place place = place_of(walk->asked->lane, 0, 0);
    OutboxHead days;

    if (!head_load(walk->txn, &place, DAYS_BYTES, today, &days, error)) {
        return FALSE;
    }
    guint32 first = days.first;
    guint32 start = MAX(first, walk->asked->day);
    gboolean leading = start == first;
    for (guint32 day = start; day < days.next && !walk->answer->more; day++) {
        gboolean empty = FALSE;
        if (!walk_day(walk, day, &empty, error)) {
            return FALSE;
        }
        leading = leading && empty && day < today; /* today's numbers count on */
        if (!leading || !walk->tidy) {
            continue;
        }
        const Place gone = place_of(walk->asked->lane, day, 0);
        days.first++;
        if (!txn_delete(walk->txn, KIND_OUTBOX_HEAD, &gone, DAY_BYTES, error)) {
            return FALSE;
        }
    }
    return days.first == first || head_save(walk->txn, &place, DAYS_BYTES, &days, error);
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
    const Place place = place_of(asked->lane, asked->day, asked->number);

    (void)ret_answer;
    return txn_delete(txn, KIND_OUTBOX, &place, sizeof(place), error) ? OUTCOME_GRANTED
                                                                      : OUTCOME_BROKEN;
}
ACT_DEFINE(outbox_done, OutboxAsked, OutboxAnswer, answer_clear);

/* A mail's waits double; a logout's grow four times, up to how long it is worth telling. */
static gint64 backoff_usec(OutboxLane lane, guint tries)
{
    gboolean mail = lane == OUTBOX_LANE_MAIL;
    gint64 first = mail ? OUTBOX_RETRY_USEC_MIN : OUTBOX_LOGOUT_USEC_MIN;
    gint64 most = mail ? OUTBOX_RETRY_USEC_MAX : OUTBOX_LOGOUT_USEC_MAX;

    return tries > 16 ? most : MIN(first << (mail ? tries : 2 * tries), most);
}

Outcome outbox_later(Txn *txn, const OutboxAsked *asked, OutboxAnswer *ret_answer, GError **error)
{
    const Place place = place_of(asked->lane, asked->day, asked->number);
    g_autoptr(OutboxEntry) entry = NULL;

    if (!entry_load(txn, &place, &entry, error)) {
        return OUTCOME_BROKEN;
    }
    if (!entry) {
        ret_answer->reason = REASON_NOT_FOUND; /* sent, or expired meanwhile */
        return OUTCOME_DENIED;
    }
    entry->next_usec = txn_now(txn) + backoff_usec(asked->lane, entry->tries);
    entry->tries++;
    ret_answer->next_usec = entry->next_usec;
    return entry_save(txn, entry, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(outbox_later, OutboxAsked, OutboxAnswer, answer_clear);
