/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* transport.h - where a letter goes: a maildir, or an SMTP server by libcurl. Blocks: called in a
 * worker */

#include "jobs/mailer.h"

#define TRANSPORT_CONNECT_SECONDS 20L
#define TRANSPORT_SECONDS         60L

/* @message: CR LF lines. Returns: FALSE with why not; the letter may then be sent again. */
gboolean
transport_send(const MailConfig *config, const char *to, const char *message, GError **error);
