/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * listener.h - a listening socket that does not die
 *
 * When accept() runs out of descriptors it frees a spare one, takes the client and closes it at
 * once; when that one is gone too it rests a moment. A listener that reports an error is opened
 * anew; one that systemd passed can't be.
 */

#include <gio/gio.h>

typedef struct Listener Listener;

/* Takes the accepted, non-blocking @fd; FALSE: it is closed. */
typedef gboolean (
    *ListenerTake)(int fd, GSocketAddress *local, GSocketAddress *remote, gpointer data);

/* @address: HOST:PORT of the configuration. "localhost" listens on 127.0.0.1 and, where there is
 * IPv6, on [::1]: one listener each is added to @ret_listeners. */
gboolean listener_open(
    const char *address,
    ListenerTake take,
    gpointer data,
    GPtrArray *ret_listeners,
    GError **error);
/* A socket that systemd passed. */
Listener *listener_new_from_fd(int fd, ListenerTake take, gpointer data);
void listener_free(Listener *listener);

/* For now nothing is accepted (FALSE), or again (TRUE). */
void listener_set_open(Listener *listener, gboolean open);
