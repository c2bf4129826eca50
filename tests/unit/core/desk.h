/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* desk.h - for tests of core: somebody who asks for links, with her mail */

#include "core/login.h"

#include "people.h"

#define ALICE "alice@example.org"

/* One browser, and what its last mail held. */
typedef struct Desk {
    House *house;
    Caller alice; /* has the account */
    char *cookie, *to, *link, *code;
} Desk;

void desk_open(Desk *desk);
void desk_close(Desk *desk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Desk, desk_close)

/* Asks in the browser that holds @browser (nullable), and reads the mail. */
Reason desk_ask(Desk *desk, const char *email, const char *browser);
/* The form token of a browser's pages. */
char *desk_form(Desk *desk, const char *browser);
/* Redeems in a browser, by link or by code; @ret_session (nullable). */
Reason desk_redeem(
    Desk *desk,
    const char *browser,
    const char *link,
    const char *code,
    char **ret_session);
Reason desk_type_number(Desk *desk, const char *browser, const char *number);
Reason desk_look(Desk *desk, const char *browser, const char *link, char **ret_email);
/* The two buttons of a link's page in another browser; @ret_number (nullable). */
Reason desk_draw(Desk *desk, const char *browser, const char *link, char **ret_number);
Reason desk_disown(Desk *desk, const char *browser, const char *link);
