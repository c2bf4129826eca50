/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* pam-text.h - what a person reads at a prompt; foreign text is made fit for a terminal in here */

#include "base/reason.h"
#include "core/tenant.h"

/* Where it is read. */
typedef enum PamShape {
    PAM_SHAPE_TERMINAL, /* a text, a QR code, then the prompt */
    PAM_SHAPE_PROMPT,   /* a prompt alone, which may have several lines */
    PAM_SHAPE_LINE,     /* one of PAM_TEXT_LINE_CHARS: a screen locker, a dialog */
} PamShape;

#define PAM_TEXT_LINE_CHARS 80U

typedef struct PamScreen {
    const Tenant *tenant;
    const char *host, *service, *user, *remote; /* untrusted, NULL: none */
    const char *user_code;                      /* WDJB-MJHT; NULL: no page can approve this one */
    guint seconds;
    gboolean one_time; /* one-time codes are taken */
    PamShape shape;
    gboolean utf8;
    gboolean qr, qr_inverse;
} PamScreen;

/* (transfer full); "" but on a terminal. Begins with a line feed: ssh puts "(user@host) " before
 * the first line. */
char *pam_text_info(const PamScreen *screen);
/* All that is said elsewhere stands in here. (transfer full) */
char *pam_text_prompt(const PamScreen *screen);
/* @left: new codes that may still be had. (transfer full) */
char *pam_text_expired(guint left);
/* Who is at a prompt may be anybody: no word tells which users exist or are linked. The event does.
 */
const char *pam_text_words(Reason reason);
/* @words: of the reason; @event: as shown, or "". (transfer full) */
char *pam_text_refusal(PamShape shape, const char *words, const char *event);

/* What sudo may replace by its own (-p), and all that a script sees; Enter asks for the rest. */
#define PAM_TEXT_PASSWORD "Password: "

#define PAM_TEXT_AGAIN  "Not approved yet. Approve on the page, then press Enter: "
#define PAM_TEXT_NUMBER "Type the number that the page shows: "
