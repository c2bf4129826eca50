/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* login-form.h - the page that asks for the address, wherever a sign-in begins */

#include "http/exchange.h"

typedef struct LoginForm {
    guint status;             /* 0: 200 */
    const char *app;          /* name of the app that waits, or NULL */
    const char *request;      /* its sealed request, or NULL */
    const char *redirect_uri; /* where that one ends, or NULL */
    const char *user_code;    /* the device code that waits, or NULL; untrusted */
    const char *email;        /* filled in, or NULL; untrusted */
    const char *problem;      /* English: what was wrong with the address, or NULL */
    const char *notice;       /* English: why one signs in here, or NULL */
} LoginForm;

void login_form_reply(Exchange *exchange, const LoginForm *form);

/* The face of a reason on this form: as the notice. */
void login_form_reply_reason(Exchange *exchange, Reason reason);
/* The same, but that a form which is not ours gets the page of problems. */
void login_form_reply_refused(Exchange *exchange, Reason reason);
