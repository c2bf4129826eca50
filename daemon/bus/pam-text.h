/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* pam-text.h - what a person reads at a prompt; foreign text is made fit for a terminal in here */

#include "core/tenant.h"

typedef struct PamScreen {
    const Tenant *tenant;
    const char *host, *service, *user, *remote; /* untrusted, NULL: none */
    const char *user_code;                      /* WDJB-MJHT; NULL: no page can approve this one */
    guint seconds;
    gboolean one_time; /* one-time codes are taken */
    gboolean silent;   /* everything stands in the prompt */
    gboolean utf8;
    gboolean qr, qr_inverse;
} PamScreen;

/* (transfer full); "" under silent. Begins with a line feed: ssh puts "(user@host) " before the
 * first line. */
char *pam_text_info(const PamScreen *screen);
/* All that is said under silent stands in here. (transfer full) */
char *pam_text_prompt(const PamScreen *screen);
/* @left: new codes that may still be had. (transfer full) */
char *pam_text_expired(guint left);
/* @words: of the reason; @event: as shown, or "". (transfer full) */
char *pam_text_refusal(const char *words, const char *event);

/* What sudo may replace by its own (-p), and all that a script sees; Enter asks for the rest. */
#define PAM_TEXT_PASSWORD "Password: "

#define PAM_TEXT_AGAIN  "Not approved yet. Approve on the page, then press Enter: "
#define PAM_TEXT_NUMBER "Type the number that the page shows: "
