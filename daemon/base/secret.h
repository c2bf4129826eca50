/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* secret.h - key material: locked in memory, left out of core dumps, wiped when dropped */

#include <glib.h>

typedef struct Secret Secret;

/* Zeroed room for @size bytes, 4096 at most. Free with secret_unref(), which wipes. */
Secret *secret_new(gsize size);
Secret *secret_new_copy(const void *data, gsize size);
Secret *secret_ref(Secret *secret);
void secret_unref(Secret *secret); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secret, secret_unref)

guint8 *secret_data(Secret *secret);
const guint8 *secret_peek(const Secret *secret);
gsize secret_size(const Secret *secret);

/* Wipes in a way that the compiler can't leave out. */
void secret_wipe(void *data, gsize size);
/* Wipes what the functions that the caller called left on the stack: for libraries that compute
 * with a secret and do not wipe there. 64 KiB deep. */
void secret_wipe_stack(void);

/* Frees a NUL-terminated text after wiping it; NULL is fine. */
void secret_text_free(char *text);
typedef char SecretText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretText, secret_text_free)

typedef void (*SecretNotLocked)(void);
/* @told is called once, when the first secret can't be locked in memory (RLIMIT_MEMLOCK), which may
 * then be swapped, never dumped: at once, or later in whatever thread. Set before there are
 * threads.
 */
void secret_watch_locks(SecretNotLocked told);

/* Called once at start: no core dump, no ptrace by others of our uid (PR_SET_DUMPABLE). */
void secret_process_hide(void);
