/* SPDX-License-Identifier: GPL-3.0-or-later */

/* session-acts.c - sessions shown and ended: by their person, by an administrator */

#include "core/event.h"
#include "core/session.h"
#include "store/list.h"

#define SESSIONS_ENDED_MAX 3U /* in one transaction: each may have many apps to tell */

static void row_clear(gpointer data)
{
    SessionRow *row = data;

    g_free(row->address);
    g_free(row->agent);
}

static int newest_first(gconstpointer a, gconstpointer b)
{
    gint64 left = ((const SessionRow *)a)->used_usec;
    gint64 right = ((const SessionRow *)b)->used_usec;

    return left > right ? -1 : left < right;
}

GArray *session_rows(Txn *txn, const Id *account, const Session *current, GError **error)
{
    const ListName name = {LIST_SESSIONS_OF_ACCOUNT, account->bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, SESSIONS_OF_ACCOUNT_MAX + 1, error);
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(SessionRow));

    g_array_set_clear_func(rows, row_clear);
    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(Session) session = NULL;
        if (!session_load(txn, &g_array_index(ids, Id, i), &session, error)) {
            return NULL;
        }
        if (!session) {
            continue;
        }
        const SessionRow row = {
            .id = session->id,
            .born_usec = session->born_usec,
            .used_usec = session->used_usec,
            .address = g_steal_pointer(&session->address),
            .agent = g_steal_pointer(&session->agent),
            .current = current && id_equal(&current->id, &session->id),
        };
        g_array_append_val(rows, row);
    }
    g_array_sort(rows, newest_first);
    return ids ? g_steal_pointer(&rows) : NULL;
}

static Outcome refuse(PlainAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

gboolean session_sign_off(Txn *txn, const Session *session, GError **error)
{
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = session->account,
        .what = EVENT_SIGN_OUT,
        .outcome = OUTCOME_GRANTED,
    };

    return session_end(txn, session, error) && event_write(txn, &news, NULL, error);
}

static Outcome sign_off(Txn *txn, const Session *session, GError **error)
{
    return session_sign_off(txn, session, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome session_sign_out(Txn *txn, const MeAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    const Session *mine = asked->caller->session;
    g_autoptr(Session) other = NULL;

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        return refuse(ret_answer, REASON_FORM_TOKEN);
    }
    if (!asked->target) {
        return sign_off(txn, mine, error);
    }
    if (!session_load(txn, asked->target, &other, error)) {
        return OUTCOME_BROKEN;
    }
    if (!other || !id_equal(&other->account, &mine->account)) {
        return refuse(ret_answer, REASON_NOT_FOUND);
    }
    return sign_off(txn, other, error);
}
ACT_DEFINE(session_sign_out, MeAsked, PlainAnswer, NULL);

gboolean
session_end_some(Txn *txn, const Id *account, const Id *but, guint *ret_ended, GError **error)
{
    const ListName name = {LIST_SESSIONS_OF_ACCOUNT, account->bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, SESSIONS_OF_ACCOUNT_MAX + 1, error);

    *ret_ended = 0;
    for (guint i = 0; ids && i < ids->len && *ret_ended < SESSIONS_ENDED_MAX; i++) {
        const Id *id = &g_array_index(ids, Id, i);
        g_autoptr(Session) session = NULL;
        if (!session_load(txn, id, &session, error)) {
            return FALSE;
        }
        if (!session || (but && id_equal(id, but))) {
            continue;
        }
        if (!session_end(txn, session, error)) {
            return FALSE;
        }
        (*ret_ended)++;
    }
    return ids != NULL;
}

Outcome session_sign_out_everywhere(
    Txn *txn,
    const MeAsked *asked,
    SignOutAnswer *ret_answer,
    GError **error)
{
    const Session *mine = asked->caller->session;
    guint ended = 0;

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        ret_answer->reason = REASON_FORM_TOKEN;
        return OUTCOME_DENIED;
    }
    if (!session_end_some(txn, &mine->account, &mine->id, &ended, error)) {
        return OUTCOME_BROKEN;
    }
    ret_answer->more = ended > 0;
    return ended > 0 ? OUTCOME_GRANTED : sign_off(txn, mine, error);
}
ACT_DEFINE(session_sign_out_everywhere, MeAsked, SignOutAnswer, NULL);

static void list_clear_answer(gpointer data)
{
    SessionListAnswer *answer = data;

    g_clear_pointer(&answer->sessions, g_array_unref);
}

Outcome
session_list(Txn *txn, const SessionListAsked *asked, SessionListAnswer *ret_answer, GError **error)
{
    ret_answer->sessions = session_rows(txn, asked->account, NULL, error);
    return ret_answer->sessions ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(session_list, SessionListAsked, SessionListAnswer, list_clear_answer);

Outcome
session_revoke(Txn *txn, const SessionListAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    g_autoptr(Session) session = NULL;

    if (!session_load(txn, asked->session, &session, error)) {
        return OUTCOME_BROKEN;
    }
    return session ? sign_off(txn, session, error) : refuse(ret_answer, REASON_NOT_FOUND);
}
ACT_DEFINE(session_revoke, SessionListAsked, PlainAnswer, NULL);
