/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/event.h"

#include "base/error.h"
#include "crypto/random.h"

#include <string.h>

#define ALPHABET    "0123456789BCDFGHJKLMNPQRSTVWXZ"
#define SHOWN_HEAD  4U /* characters before the dash */
#define DRAWS_MAX   32U
#define OWNER_BYTES (1U + ID_BYTES)

/* Where the ring of a subject stands: the number of the next line, counted from its first. */
typedef struct EventHead {
    guint32 next;
} EventHead;

static const RecordField event_fields[] = {
    {.number = 1, "id", FIELD_TEXT, offsetof(Event, id)},
    {.number = 2, "subject", FIELD_U32, offsetof(Event, subject)},
    {.number = 3, "subject_id", FIELD_ID, offsetof(Event, subject_id)},
    {.number = 4, "what", FIELD_U32, offsetof(Event, what)},
    {.number = 5, "outcome", FIELD_U32, offsetof(Event, outcome)},
    {.number = 6, "reason", FIELD_U32, offsetof(Event, reason)},
    {.number = 7, "time_usec", FIELD_I64, offsetof(Event, time_usec)},
    {.number = 8, "detail", FIELD_TEXT, offsetof(Event, detail)},
    {.number = 0},
};

const RecordTable event_table =
    {.name = "event", .kind = KIND_EVENT, .size = sizeof(Event), .fields = event_fields};

static const RecordField head_fields[] = {
    {.number = 1, "next", FIELD_U32, offsetof(EventHead, next)},
    {.number = 0},
};

static const RecordTable head_table = {
    .name = "event head",
    .kind = KIND_EVENT_HEAD,
    .size = sizeof(EventHead),
    .fields = head_fields};

void event_free(Event *event)
{
    record_free(&event_table, event);
}

static char *event_shown(const char *id)
{
    return g_strdup_printf("%.*s-%s", (int)SHOWN_HEAD, id, id + SHOWN_HEAD);
}

/* An id that no event of this tenant has. */
static char *draw_id(Txn *txn, GError **error)
{
    char id[EVENT_ID_CHARS + 1] = "";

    for (guint i = 0; i < DRAWS_MAX; i++) {
        g_autoptr(GBytes) there = NULL;
        for (guint k = 0; k < EVENT_ID_CHARS; k++) {
            id[k] = ALPHABET[random_below(sizeof(ALPHABET) - 1)];
        }
        if (!txn_get(txn, KIND_EVENT, id, EVENT_ID_CHARS, &there, error)) {
            return NULL;
        }
        if (!there) {
            return g_strdup(id);
        }
    }
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "no free event id in %u draws", DRAWS_MAX);
    return NULL;
}

/* The number of the next line of a subject; counts on. */
static gboolean
next_number(Txn *txn, const guint8 owner[OWNER_BYTES], guint32 *ret_number, GError **error)
{
    gpointer found = NULL;

    if (!record_load(txn, &head_table, owner, OWNER_BYTES, &found, error)) {
        return FALSE;
    }
    EventHead head = {found ? ((const EventHead *)found)->next : 0};
    record_free(&head_table, found);
    *ret_number = head.next++;
    return record_save(txn, &head_table, owner, OWNER_BYTES, &head, 0, error);
}

/* Puts @id into its slot of the ring; the event that stood there goes. */
static gboolean take_slot(Txn *txn, const guint8 owner[OWNER_BYTES], const char *id, GError **error)
{
    guint8 slot[OWNER_BYTES + sizeof(guint32)];
    guint32 number = 0;
    g_autoptr(GBytes) old = NULL;
    g_autoptr(GBytes) mine = g_bytes_new(id, EVENT_ID_CHARS);

    if (!next_number(txn, owner, &number, error)) {
        return FALSE;
    }
    number = GUINT32_TO_LE(number % EVENTS_OF_SUBJECT_MAX);
    memcpy(slot, owner, OWNER_BYTES);
    memcpy(slot + OWNER_BYTES, &number, sizeof(number));
    if (!txn_get(txn, KIND_EVENT_SLOT, slot, sizeof(slot), &old, error)) {
        return FALSE;
    }
    gsize size = 0;
    const void *old_id = old ? g_bytes_get_data(old, &size) : NULL;
    if (old_id && !txn_delete(txn, KIND_EVENT, old_id, size, error)) {
        return FALSE;
    }
    return txn_put(txn, KIND_EVENT_SLOT, slot, sizeof(slot), mine, 0, error);
}

/* @id is free. */
static gboolean write_line(Txn *txn, const Event *news, const char *id, GError **error)
{
    guint8 owner[OWNER_BYTES] = {(guint8)news->subject};
    Event event = *news;

    memcpy(owner + 1, news->subject_id.bytes, ID_BYTES);
    if (!take_slot(txn, owner, id, error)) {
        return FALSE;
    }
    event.id = (char *)id;
    event.time_usec = txn_now(txn);
    return record_save(txn, &event_table, id, EVENT_ID_CHARS, &event, 0, error);
}

gboolean event_write(Txn *txn, const Event *news, char **ret_id, GError **error)
{
    g_autofree char *id = draw_id(txn, error);

    if (!id || !write_line(txn, news, id, error)) {
        return FALSE;
    }
    if (ret_id) {
        *ret_id = event_shown(id);
    }
    return TRUE;
}

char *event_draw(Txn *txn, GError **error)
{
    g_autofree char *id = draw_id(txn, error);

    return id ? event_shown(id) : NULL;
}

/* As typed: any case, with or without dash. FALSE when it can be none. */
static gboolean id_read(const char *typed, char ret_id[EVENT_ID_CHARS + 1])
{
    guint n = 0;

    for (; typed && *typed; typed++) {
        char c = g_ascii_toupper(*typed);
        if (c == '-') {
            continue;
        }
        if (n == EVENT_ID_CHARS || !strchr(ALPHABET, c)) {
            return FALSE;
        }
        ret_id[n++] = c;
    }
    return n == EVENT_ID_CHARS;
}

gboolean event_write_as(Txn *txn, const Event *news, const char *id, GError **error)
{
    char bare[EVENT_ID_CHARS + 1] = "";
    g_autoptr(GBytes) there = NULL;

    if (!id_read(id, bare)) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "no event can have the id %s", id);
        return FALSE;
    }
    if (!txn_get(txn, KIND_EVENT, bare, EVENT_ID_CHARS, &there, error)) {
        return FALSE;
    }
    if (there) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "another event has the id %s", id);
        return FALSE;
    }
    return write_line(txn, news, bare, error);
}

static void answer_clear(gpointer data)
{
    EventAnswer *answer = data;

    g_clear_pointer(&answer->event, event_free);
}

Outcome event_explain(Txn *txn, const EventAsked *asked, EventAnswer *ret_answer, GError **error)
{
    char id[EVENT_ID_CHARS + 1] = "";
    gpointer event = NULL;

    if (id_read(asked->id, id) &&
        !record_load(txn, &event_table, id, EVENT_ID_CHARS, &event, error)) {
        return OUTCOME_BROKEN;
    }
    if (!event) {
        ret_answer->reason = REASON_NOT_FOUND;
        return OUTCOME_DENIED;
    }
    ret_answer->event = event;
    return OUTCOME_GRANTED;
}
ACT_DEFINE(event_explain, EventAsked, EventAnswer, answer_clear);
