/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* login-link.h - the pages of a mailed link: what each shows, and the form that each has */

#include "core/login.h"
#include "http/page.h"

/**
 * login_link_values() - whose link, who asked and when, and what the form sends back
 * @title: English
 * @link: the link's token
 */
Values *login_link_values(
    Exchange *exchange,
    const char *title,
    const LoginLookAnswer *answer,
    const char *link);

/* What the form sent, untrusted; of the exchange. FALSE: it was answered. */
gboolean login_link_read(Exchange *exchange, const char **ret_link, const char **ret_form_token);
