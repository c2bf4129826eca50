/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* form-post.h - an answer that the browser posts to the app (OAuth 2.0 Form Post Response Mode) */

#include "http/exchange.h"
#include "http/redirect.h"

/* A page with one button, pressed by the only script that we have; allowed by its hash. Without
 * scripts the person presses it. */
void form_post_reply(
    Exchange *exchange,
    const char *redirect_uri,
    const RedirectParameter *parameters);
