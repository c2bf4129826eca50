/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/session.h"

#include "base/text.h"
#include "core/chain.h"
#include "core/session-apps.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/token.h"
#include "store/list.h"

#include <string.h>

#define TOUCH_USEC      USEC_PER_HOUR
#define AGENT_CHARS_MAX 120U
#define TAKE_MAX        128U

static const RecordField session_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Session, id)},
    {.number = 2, "hash", FIELD_HASH, offsetof(Session, hash), .secret = TRUE},
    {.number = 3, "account", FIELD_ID, offsetof(Session, account)},
    {.number = 4, "born_usec", FIELD_I64, offsetof(Session, born_usec)},
    {.number = 5, "used_usec", FIELD_I64, offsetof(Session, used_usec)},
    {.number = 6, "signed_in_usec", FIELD_I64, offsetof(Session, signed_in_usec)},
    {.number = 7, "address", FIELD_TEXT, offsetof(Session, address)},
    {.number = 8, "agent", FIELD_TEXT, offsetof(Session, agent)},
    {.number = 0},
};

const RecordTable session_table = {
    .name = "session",
    .kind = KIND_SESSION,
    .size = sizeof(Session),
    .fields = session_fields,
    .of_epoch = TRUE};

void session_free(Session *session)
{
    record_free(&session_table, session);
}

static ListName sessions_of(const Id *account)
{
    return (ListName){LIST_SESSIONS_OF_ACCOUNT, account->bytes, ID_BYTES};
}

/* After the last use, and at most: whichever comes first. */
static gint64 session_end_usec(const Session *session)
{
    return MIN(session->used_usec + SESSION_IDLE_USEC, session->born_usec + SESSION_LIFE_USEC);
}

static gboolean session_save(Txn *txn, const Session *session, GError **error)
{
    return record_save(
        txn, &session_table, session->id.bytes, ID_BYTES, session, session_end_usec(session),
        error);
}

gboolean session_load(Txn *txn, const Id *id, Session **ret_session, GError **error)
{
    gpointer found = NULL;

    if (!record_load(txn, &session_table, id->bytes, ID_BYTES, &found, error)) {
        return FALSE;
    }
    if (found && txn_now(txn) >= session_end_usec(found)) {
        g_clear_pointer((Session **)&found, session_free);
    }
    *ret_session = found;
    return TRUE;
}

gboolean session_is_fresh(const Txn *txn, const Session *session)
{
    return txn_now(txn) - session->signed_in_usec <= SESSION_FRESH_USEC;
}

gboolean session_touch(Txn *txn, Session *session, GError **error)
{
    if (txn_now(txn) - session->used_usec < TOUCH_USEC) {
        return TRUE;
    }
    session->used_usec = txn_now(txn);
    return session_save(txn, session, error);
}

/* It has expired, and was nobody's to end. */
static gboolean forget(Txn *txn, const ListName *name, const Id *id, GError **error)
{
    const ListName chains = {LIST_CHAINS_OF_SESSION, id->bytes, ID_BYTES};

    return list_clear(txn, &chains, error) && session_apps_forget(txn, id, error) &&
           list_remove(txn, name, id, error);
}

/* Makes room for one more: forgets what has expired, and ends the oldest of too many. */
static gboolean make_room(Txn *txn, const Id *account, GError **error)
{
    const ListName name = sessions_of(account);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, TAKE_MAX, error);
    g_autoptr(Session) oldest = NULL;
    guint alive = 0;

    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(Session) session = NULL;
        const Id *id = &g_array_index(ids, Id, i);
        if (!session_load(txn, id, &session, error)) {
            return FALSE;
        }
        if (!session && !forget(txn, &name, id, error)) {
            return FALSE;
        }
        alive += session ? 1 : 0;
        if (session && (!oldest || session->used_usec < oldest->used_usec)) {
            session_free(oldest);
            oldest = g_steal_pointer(&session);
        }
    }
    return ids && (alive < SESSIONS_OF_ACCOUNT_MAX || session_end(txn, oldest, error));
}

/* A new value for the cookie, and where it is now. */
static gboolean
sign_in(Txn *txn, Session *session, const Caller *caller, char **ret_cookie, GError **error)
{
    Token token;

    token_draw(&session->id, &token);
    token_hash(&token, session->hash);
    session->used_usec = session->signed_in_usec = txn_now(txn);
    g_free(session->address);
    g_free(session->agent);
    session->address = g_strdup(caller->address ? caller->address : "");
    session->agent = text_for_people(caller->agent, AGENT_CHARS_MAX);
    if (!session_save(txn, session, error)) {
        return FALSE;
    }
    *ret_cookie = token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_SESSION, &token);
    return TRUE;
}

gboolean session_start(
    Txn *txn,
    const Id *account,
    const Caller *caller,
    Session **ret_session,
    char **ret_cookie,
    GError **error)
{
    g_autoptr(Session) session = g_new0(Session, 1);
    const ListName name = sessions_of(account);

    random_id(&session->id);
    session->account = *account;
    session->born_usec = txn_now(txn);
    if (!make_room(txn, account, error) || !sign_in(txn, session, caller, ret_cookie, error) ||
        !list_add(txn, &name, &session->id, error)) {
        return FALSE;
    }
    *ret_session = g_steal_pointer(&session);
    return TRUE;
}

gboolean session_start_or_renew(
    Txn *txn,
    const Id *account,
    const Caller *caller,
    char **ret_cookie,
    GError **error)
{
    g_autoptr(Session) old = NULL;
    g_autoptr(Session) session = NULL;
    g_autoptr(Account) owner = NULL;

    if (!session_find(txn, caller->credential, &old, &owner, error)) {
        return FALSE;
    }
    if (old && id_equal(&old->account, account) &&
        txn_now(txn) - old->born_usec < SESSION_RENEW_USEC) {
        return sign_in(txn, old, caller, ret_cookie, error);
    }
    return (!old || session_end(txn, old, error)) &&
           session_start(txn, account, caller, &session, ret_cookie, error);
}

gboolean session_find(
    Txn *txn,
    const char *cookie,
    Session **ret_session,
    Account **ret_account,
    GError **error)
{
    g_autoptr(Session) session = NULL;
    g_autoptr(Account) account = NULL;
    Token token;

    *ret_session = NULL;
    *ret_account = NULL;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_SESSION, cookie, &token)) {
        return TRUE;
    }
    if (!session_load(txn, &token.handle, &session, error)) {
        return FALSE;
    }
    if (!session || !token_matches(&token, session->hash)) {
        return TRUE;
    }
    if (!account_load(txn, &session->account, &account, error)) {
        return FALSE;
    }
    if (account && account_admits(account, session->signed_in_usec)) {
        *ret_session = g_steal_pointer(&session);
        *ret_account = g_steal_pointer(&account);
    }
    return TRUE;
}

/* A chain that the person did not allow to outlive the session ends with it. */
static gboolean end_chain(Txn *txn, const Id *id, GError **error)
{
    g_autoptr(Chain) chain = NULL;

    if (!chain_load(txn, id, &chain, error)) {
        return FALSE;
    }
    return !chain || g_strv_contains((const char *const *)chain->scopes, "offline_access") ||
           chain_end(txn, chain, error);
}

/* The next TAKE_MAX behind *after, which moves on; *ret_taken: how many there were. */
static gboolean
end_some(Txn *txn, const ListName *name, Id *after, guint *ret_taken, GError **error)
{
    const Id *from = id_is_none(after) ? NULL : after;
    g_autoptr(GArray) ids = list_take(txn, name, from, TAKE_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        *after = g_array_index(ids, Id, i);
        if (!end_chain(txn, after, error)) {
            return FALSE;
        }
    }
    *ret_taken = ids ? ids->len : 0;
    return ids != NULL;
}

static gboolean end_chains(Txn *txn, const Id *session, GError **error)
{
    const ListName name = {LIST_CHAINS_OF_SESSION, session->bytes, ID_BYTES};
    Id after = ID_NONE;
    guint taken = TAKE_MAX;

    while (taken == TAKE_MAX) {
        if (!end_some(txn, &name, &after, &taken, error)) {
            return FALSE;
        }
    }
    return list_clear(txn, &name, error);
}

gboolean session_end(Txn *txn, const Session *session, GError **error)
{
    const ListName name = sessions_of(&session->account);

    txn_set_revoking(txn);
    return end_chains(txn, &session->id, error) && session_apps_tell(txn, &session->id, error) &&
           list_remove(txn, &name, &session->id, error) &&
           txn_delete(txn, KIND_SESSION, session->id.bytes, ID_BYTES, error);
}
