/* SPDX-License-Identifier: GPL-3.0-or-later */

/* login-form.c - before a sign-in there is no session to bind a form token to */

#include "http/login-form.h"

#include "base/catalog.h"
#include "http/page.h"

/*
 * The address form has no form token: a browser without any cookie of ours has nothing that a token
 * could be bound to. What holds a foreign site off is the check of Sec-Fetch-Site and Origin, which
 * every POST to a page meets before its handler; and what it could do is ask for a mail.
 */
void login_form_reply(Exchange *exchange, const LoginForm *form)
{
    const char *language = exchange_language(exchange);
    Values *values = page_values(exchange, N_("Sign in"));

    values_set(values, "app", form->app);
    values_set(values, "request", form->request);
    values_set(values, "user_code", form->user_code);
    values_set(values, "email", form->email);
    values_set(
        values, "problem", form->problem != NULL ? catalog_text(language, form->problem) : NULL);
    values_set(
        values, "notice", form->notice != NULL ? catalog_text(language, form->notice) : NULL);
    if (form->request != NULL) {
        exchange_form_may_end_at(exchange, form->redirect_uri);
    }
    page_reply(exchange, form->status != 0 ? form->status : 200, "login", values);
}

void login_form_reply_reason(Exchange *exchange, Reason reason)
{
    const ReasonFace *face = reason_face(reason);
    const LoginForm form = {.status = face->http_status, .notice = face->words};

    login_form_reply(exchange, &form);
}

void login_form_reply_refused(Exchange *exchange, Reason reason)
{
    if (reason == REASON_FORM_TOKEN) {
        exchange_reply_problem(exchange, reason);
    } else {
        login_form_reply_reason(exchange, reason);
    }
}
