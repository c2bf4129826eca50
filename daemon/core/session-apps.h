/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * session-apps.h - the apps that a session has entered, each under a sid of its own, and what they
 * are told when it ends (OpenID Connect Back-Channel Logout 1.0)
 *
 * Each app is told after a random wait of its own: news that came to several at once would join
 * their names of a person.
 */

#include "core/identity.h"
#include "core/session.h"

#define LOGOUT_WAIT_USEC_MAX (30 * USEC_PER_SEC)
#define LOGOUT_TRY_USEC_MAX  (2 * USEC_PER_HOUR) /* then the app is not told any more */
#define LOGOUT_APPS_MAX      500U                /* of one session; more are not told */

/**
 * session_app_enter() - the sid that an app's ID tokens of a session have
 * @ret_sid: (out) (transfer full): random, and the same while the session lives
 */
gboolean session_app_enter(
    Txn *txn,
    const Session *session,
    const Identity *identity,
    char **ret_sid,
    GError **error);

/* The session ends: an outbox entry for each of its apps that wants to know, and no sid is left. */
gboolean session_apps_tell(Txn *txn, const Id *session, GError **error);

/* The session has expired, of which nobody is told: forgets what it had. */
gboolean session_apps_forget(Txn *txn, const Id *session, GError **error);
