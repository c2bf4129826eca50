/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* login-elsewhere.h - the page of a mailed link in another browser than the one that asked */

#include "core/login.h"
#include "http/exchange.h"

/**
 * login_elsewhere_reply() - who asked, and the two buttons that another browser has
 * @answer: of login_look, with REASON_LINK_ELSEWHERE
 * @link: the link's token, for the forms
 */
void login_elsewhere_reply(Exchange *exchange, const LoginLookAnswer *answer, const char *link);
