/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * bell.h - one thread tells another main context that something is there
 *
 * An eventfd as a GSource. Ringing is thread safe and never blocks; rings that come before the
 * context looks are one.
 */

#include <glib.h>

typedef struct Bell Bell;
typedef void (*BellHeard)(gpointer data);

/**
 * bell_new() - @heard is called in @context after each ring
 * @context: (nullable): the default main context
 *
 * Returns: (transfer full): the bell; unref with bell_unref(). After bell_mute() @heard is never
 * called again; only @context's own thread may mute.
 */
Bell *bell_new(GMainContext *context, BellHeard heard, gpointer data);
Bell *bell_ref(Bell *bell);
void bell_unref(Bell *bell);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bell, bell_unref)

void bell_ring(Bell *bell); /* any thread */
void bell_mute(Bell *bell);
