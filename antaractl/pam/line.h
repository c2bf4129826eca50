/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* line.h - the lines of one file of PAM, as libpam 1.5 reads them */

#include "antaractl/pam/control.h"

#define PAM_FILE_BYTES_MAX 65536U
#define PAM_LINE_BYTES_MAX 4096U /* continued lines together; libpam's own buffer holds 1024 */

typedef enum PamPhase {
    PAM_PHASE_AUTH,
    PAM_PHASE_ACCOUNT,
    PAM_PHASE_PASSWORD,
    PAM_PHASE_SESSION,
    PAM_PHASES,
} PamPhase;

typedef enum PamLineKind {
    PAM_LINE_MODULE,
    PAM_LINE_INCLUDE,     /* "auth include FILE": the lines of that phase, as if they stood here */
    PAM_LINE_SUBSTACK,    /* the same, but done and die end the substack alone */
    PAM_LINE_INCLUDE_ALL, /* "@include FILE": all its phases (Debian) */
} PamLineKind;

typedef struct PamLine {
    PamLineKind kind;
    PamPhase phase;     /* not with INCLUDE_ALL */
    gboolean quiet;     /* "-auth": nothing is logged when the module is missing */
    PamControl control; /* MODULE */
    char *control_words;
    char *target;     /* file of the module, or of what is included */
    char **arguments; /* MODULE */
    char *file;       /* where it stands */
    guint number;     /* of its first line, from 1 */
} PamLine;

void pam_line_free(PamLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PamLine, pam_line_free)

/* "auth", "account", "password", "session". */
const char *pam_phase_name(PamPhase phase);

/* "pam_unix.so" of "/usr/lib/security/pam_unix.so": points into the line. */
const char *pam_line_module(const PamLine *line);

/**
 * pam_lines_read() - the lines of a file; comments and empty ones are left out
 * @text: NUL-terminated, untrusted
 * @file: its name, for lines and errors
 *
 * Returns: (transfer full): of PamLine; NULL with an error that names file and line.
 */
GPtrArray *pam_lines_read(const char *text, const char *file, GError **error);
