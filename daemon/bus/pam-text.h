/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* pam-text.h - what a person reads at a prompt; foreign text is made fit for a terminal in here */

#include "core/tenant.h"

typedef struct PamScreen {
    const Tenant *tenant;
    const char *host, *service, *user, *remote; /* untrusted, NULL: none */
    const char *user_code;                      /* WDJB-MJHT */
    guint seconds;
    gboolean silent; /* everything stands in the prompt */
    gboolean utf8;
    gboolean qr, qr_inverse;
} PamScreen;

/* (transfer full); "" under silent. Begins with a line feed: ssh puts "(user@host) " before the
 * first line. */
char *pam_text_info(const PamScreen *screen);
/* (transfer full) */
char *pam_text_prompt(const PamScreen *screen);
/* @words: of the reason; @event: as shown, or "". (transfer full) */
char *pam_text_refusal(const char *words, const char *event);

#define PAM_TEXT_AGAIN  "Not approved yet. Approve on the page, then press Enter: "
#define PAM_TEXT_NUMBER "Type the number that the page shows: "
