/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * pending.h - the note of an edit that waits for its confirmation, on the disk: it outlives a
 * reboot
 *
 * ROOT/var/lib/antaractl/SERVICE.pending is root's alone, not the daemon's. While it is there the
 * edit is taken back in its time; whoever removes it has confirmed the edit or undone it. It is
 * written, read and removed under the lock that pam_file_open() takes.
 */

#include <glib.h>

#define PENDING_SECONDS_MIN 30U
#define PENDING_SECONDS_MAX 86400U

typedef struct Pending {
    gint64 edited_usec;  /* boot_time_usec() when the file was written; G_MAXINT64: it isn't yet */
    gint64 until_usec;   /* of the wall clock */
    guint64 seconds;     /* given for the confirmation */
    char boot[40];       /* of which boot @edited_usec is */
    gboolean by_profile; /* the edit switched the profile on, and no file of the service's own */
} Pending;

/**
 * pending_begin() - on the disk before the edit is made
 * @seconds: from now on
 * @by_profile: as in Pending
 *
 * Returns: FALSE where a note is there already, or this one can't be written.
 */
gboolean pending_begin(
    const char *root,
    const char *service,
    guint64 seconds,
    gboolean by_profile,
    GError **error);

/* The edit is made: what signs in from now on may confirm it. */
gboolean pending_edited(const char *root, const char *service, GError **error);

/* FALSE: nothing waits. A note that makes no sense is one whose time is over. */
gboolean pending_find(const char *root, const char *service, Pending *ret_pending);

/* From when on, as boot_time_usec() has it, a sign-in counts: any, after a reboot. */
gint64 pending_since_usec(const Pending *pending);

/* Seconds that are left, never more than were given, however the clock went; 0: it is over. */
guint64 pending_left(const Pending *pending);

/* When it is gone, that is on the disk. TRUE, too, where there was none. */
gboolean pending_forget(const char *root, const char *service, GError **error);

/* (transfer full): the services with a note. */
GPtrArray *pending_list(const char *root);
