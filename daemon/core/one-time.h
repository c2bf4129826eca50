/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * one-time.h - a code that a person draws on the dashboard, and types at the prompt of one service
 * of this host, for one sign-in
 */

#include "core/device.h"

#define ONE_TIME_CHARS     10U /* of USER_CODE_ALPHABET: 43 bits */
#define ONE_TIME_LIFE_USEC (120 * USEC_PER_SEC)

typedef struct OneTimeDrawAsked {
    const Caller *caller; /* CALLER_SESSION; a fresh sign-in */
    const char *form_token;
    const Id *identity; /* untrusted: at the service */
} OneTimeDrawAsked;

typedef struct OneTimeDrawAnswer {
    Reason reason;        /* FORM_TOKEN, STALE_SIGN_IN, NOT_FOUND, NOT_PERMITTED: takes none */
    char *code;           /* WDJBM-JHTKX */
    char *service, *host; /* of the configuration and the store: to be shown */
    guint seconds;
} OneTimeDrawAnswer;

/* A new one takes the place of the one before. */
ACT_DECLARE(one_time_draw, OneTimeDrawAsked, OneTimeDrawAnswer);

/* How a one-time code that was typed at a prompt ended. */
typedef enum OneTimeEnd {
    ONE_TIME_WRONG,
    ONE_TIME_RIGHT,
    ONE_TIME_OLD_SIGN_IN, /* right, but uid 0 wants one that was drawn after a new sign-in */
    ONE_TIME_TOO_OFTEN,
} OneTimeEnd;

/**
 * one_time_redeem() - take the code of whoever is linked to the device's user
 * @typed: of any shape: what is no code at all is as wrong, and costs as much
 * @device: (inout): when right it has account, identity and time of the sign-in, unsaved
 *
 * A wrong one counts, of the address and of the user, and takes as long where nobody is linked.
 *
 * Returns: FALSE with an error when that can't be told.
 */
gboolean one_time_redeem(
    Txn *txn,
    const Caller *caller,
    const char *typed,
    Device *device,
    OneTimeEnd *ret_end,
    GError **error);
