/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* file.h - one file of ROOT/etc/pam.d, or of what pam-auth-update keeps, changed whole or not at
 * all; a symlink is never followed */

#include "antaractl/pam/tree.h"

#include <sys/stat.h>

typedef struct PamFile {
    char *folder; /* ROOT/etc/pam.d */
    char *name;
    int folder_fd;
    int lock_fd; /* against another antaractl; 0: none */
    char *text;
    struct stat stat; /* owner and mode that a new file gets */
    gboolean changed; /* by pam_file_write() */
} PamFile;

/* FALSE: no such file (CTL_ERROR_NOT_FOUND), a symlink on the way, no regular file of root's (or
 * the caller's) own, one that others can write, too long, no text, or another antaractl at work,
 * unless @waits for its end. */
gboolean pam_file_open(
    const PamTree *tree,
    const char *name,
    gboolean waits,
    PamFile *ret_file,
    GError **error);
/* Another file, ROOT/@path/@name, under the lock that somebody else of this process holds. */
gboolean pam_file_open_below(
    const char *root,
    const char *path,
    const char *name,
    PamFile *ret_file,
    GError **error);
void pam_file_close(PamFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PamFile, pam_file_close)

/* (transfer full): what stands there now; NULL when it can't be read whole. */
char *pam_file_read(PamFile *file, GError **error);

/* Writes beside it, syncs, renames over it, syncs the folder. FALSE: it is as it was, for instance
 * since somebody else has changed it after it was opened; or new, but the folder could not be
 * synced, as the error says. */
gboolean pam_file_write(PamFile *file, const char *text, GError **error);

/* NAME.antara-backup beside it, written as carefully, of the text as it was opened. */
gboolean pam_file_back_up(PamFile *file, GError **error);
char *pam_file_read_backup(PamFile *file, GError **error); /* (transfer full) */
/* NAME.antara-replaced, likewise: what is about to be lost. @ret_path: (transfer full) */
gboolean pam_file_keep(PamFile *file, char **ret_path, GError **error);
void pam_file_drop_backup(PamFile *file);
