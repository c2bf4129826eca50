/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * own-get.h - a POST from another site goes on as a GET of our own
 *
 * The cookie is Lax: with such a POST it does not come, with our own GET it does (OpenID Connect
 * Core 3.1.2.1 and RP-Initiated Logout 2 want both verbs).
 */

#include "http/exchange.h"

#define OWN_GET_BODY_BYTES_MAX 6144U /* as a query it must fit our own GET */

/* Answers 303 to @path with the body as its query; a page when it can't stand in one. */
void own_get_redirect(Exchange *exchange, const char *path);
