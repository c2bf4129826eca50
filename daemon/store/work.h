/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* work.h - long work that the upkeep thread does when asked, and how far it is */

#include "crypto/kek.h"

#include <glib.h>

typedef struct Store Store;

typedef enum StoreWorkKind {
    STORE_WORK_NONE,
    STORE_WORK_CHECKPOINT,
    STORE_WORK_ROTATE, /* to a new KEK and new data keys */
    STORE_WORK_BACKUP,
    STORE_WORK_CHECK,   /* reads all there is */
    STORE_WORK_CONFIRM, /* an administrator has looked at what a restore brought back */
    STORE_WORK_SIGNING, /* new keys with which a tenant signs */
} StoreWorkKind;

typedef enum StoreWorkState {
    STORE_WORK_WAITING,
    STORE_WORK_RUNNING,
    STORE_WORK_DONE,
    STORE_WORK_FAILED,
} StoreWorkState;

#define STORE_WORK_WORDS_BYTES 512U

typedef struct StoreWork {
    guint64 number; /* counts what was asked; 0: nothing was */
    StoreWorkKind kind;
    StoreWorkState state;
    guint64 done, total;                /* bytes; done reaches total at the end */
    char words[STORE_WORK_WORDS_BYTES]; /* what came of it: for the administrator */
} StoreWork;

typedef struct StoreWorkAsked {
    StoreWorkKind kind;
    int fd;             /* BACKUP: written from where it stands; taken over */
    Kek *kek;           /* ROTATE: the new one, taken over */
    const char *tenant; /* SIGNING: static, or as long as the store */
    gboolean forget;    /* SIGNING: nothing of the old keys stays; keyring_rotate_signing() */
} StoreWorkAsked;

/* FALSE with an error while other work that was asked for is under way; what is taken over is taken
 * over all the same. Any thread. */
gboolean store_work_ask(Store *store, const StoreWorkAsked *asked, GError **error);

/* What was asked for last. Any thread. */
void store_work_look(Store *store, StoreWork *ret_work);

/* Waits until it has ended; FALSE with an error when it failed. Not for a thread that serves. */
gboolean store_work_wait(Store *store, GError **error);
