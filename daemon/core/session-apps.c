/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/session-apps.h"

#include "core/app.h"
#include "core/outbox.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

/* The key of a sid. Who left an app and came back is somebody new to it, in the same session too.
 */
typedef struct Pair {
    Id session, identity;
} Pair;

static ListName apps_of(const Id *session)
{
    return (ListName){LIST_IDENTITIES_OF_SESSION, session->bytes, ID_BYTES};
}

/* NULL in *ret_sid: there is none. */
static gboolean sid_load(Txn *txn, const Pair *pair, char **ret_sid, GError **error)
{
    g_autoptr(GBytes) found = NULL;
    Id sid;

    if (!txn_get(txn, KIND_SID, pair, sizeof(*pair), &found, error)) {
        return FALSE;
    }
    *ret_sid = NULL;
    if (found) {
        g_assert(g_bytes_get_size(found) == ID_BYTES);
        memcpy(sid.bytes, g_bytes_get_data(found, NULL), ID_BYTES);
        *ret_sid = g_malloc(ID_TEXT_CHARS + 1);
        id_to_text(&sid, *ret_sid);
    }
    return TRUE;
}

gboolean session_app_enter(
    Txn *txn,
    const Session *session,
    const Identity *identity,
    char **ret_sid,
    GError **error)
{
    const Pair pair = {session->id, identity->id};
    const ListName name = apps_of(&session->id);
    gint64 expires_usec = session->born_usec + SESSION_LIFE_USEC;
    Id sid;

    if (!sid_load(txn, &pair, ret_sid, error)) {
        return FALSE;
    }
    if (*ret_sid) {
        return TRUE;
    }
    random_id(&sid);
    g_autoptr(GBytes) bytes = g_bytes_new(sid.bytes, ID_BYTES);
    *ret_sid = g_malloc(ID_TEXT_CHARS + 1);
    id_to_text(&sid, *ret_sid);
    return txn_put(txn, KIND_SID, &pair, sizeof(pair), bytes, expires_usec, error) &&
           list_add(txn, &name, &identity->id, error);
}

static gboolean
tell(Txn *txn, const App *app, const Identity *identity, const char *sid, GError **error)
{
    char client_id[ID_TEXT_CHARS + 1];
    char subject[ID_TEXT_CHARS + 1];
    OutboxEntry entry = {
        .kind = OUTBOX_LOGOUT,
        .to = app->backchannel_logout_uri,
        .next_usec = txn_now(txn) + random_below((guint32)LOGOUT_WAIT_USEC_MAX),
        .expires_usec = txn_now(txn) + LOGOUT_TRY_USEC_MAX,
        .client_id = client_id,
        .subject = subject,
        .sid = (char *)sid,
        .alg = app->id_token_alg,
    };

    id_to_text(&app->id, client_id);
    id_to_text(&identity->slug, subject);
    return outbox_add(txn, &entry, error);
}

static gboolean wants_to_know(const App *app)
{
    return app->state != APP_DISABLED && app->backchannel_logout_uri &&
           *app->backchannel_logout_uri;
}

/* An identity that was left meanwhile has nothing to be told. */
static gboolean leave(Txn *txn, const Pair *pair, GError **error)
{
    g_autoptr(Identity) identity = NULL;
    g_autoptr(App) app = NULL;
    g_autofree char *sid = NULL;

    if (!sid_load(txn, pair, &sid, error) ||
        !txn_delete(txn, KIND_SID, pair, sizeof(*pair), error) ||
        !identity_load(txn, &pair->identity, &identity, error) ||
        (identity && !app_load(txn, &identity->app, &app, error))) {
        return FALSE;
    }
    return !sid || !app || !wants_to_know(app) || tell(txn, app, identity, sid, error);
}

gboolean session_apps_tell(Txn *txn, const Id *session, GError **error)
{
    const ListName name = apps_of(session);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, LOGOUT_APPS_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        const Pair pair = {*session, g_array_index(ids, Id, i)};
        if (!leave(txn, &pair, error)) {
            return FALSE;
        }
    }
    return ids && list_clear(txn, &name, error);
}

gboolean session_apps_forget(Txn *txn, const Id *session, GError **error)
{
    const ListName name = apps_of(session);

    return list_clear(txn, &name, error);
}
