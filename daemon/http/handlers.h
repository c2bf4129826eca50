/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* handlers.h - endpoints whose rows stand in another file's table */

#include "http/exchange.h"

/* token_routes */
void userinfo_get(Exchange *exchange);
void userinfo_post(Exchange *exchange);
void revoke_post(Exchange *exchange);
void introspect_post(Exchange *exchange);
void key_exchange_post(Exchange *exchange);  /* JSON, our own */
void key_exchange_grant(Exchange *exchange); /* RFC 8693, of the token endpoint */

/* authorize_routes */
void push_post(Exchange *exchange);
void register_post(Exchange *exchange);

/* login_routes */
void elsewhere_post(Exchange *exchange);
void disown_post(Exchange *exchange);

/* device_routes */
void device_authorization_post(Exchange *exchange);
void link_decide_post(Exchange *exchange);

/* device-page.c, for all that a code can stand for: the code of a form, read and kept, NULL: none;
 * and what every step can meet, after which the person goes on, if by a sign-in. */
const char *code_of_form(Exchange *exchange);
void code_refusal_reply(Exchange *exchange, Reason reason, const char *user_code);
/* link-page.c: the page of a code that asks for a link. */
void link_page_show(Exchange *exchange, const char *user_code);

/* The client id of a form, or of Basic with an empty password; NULL: none. */
const char *client_id_of(Exchange *exchange);

/**
 * client_is_refused() - what all endpoints for apps refuse alike: doubles, and client secrets
 *
 * Returns: TRUE when it has answered.
 */
gboolean client_is_refused(Exchange *exchange);
