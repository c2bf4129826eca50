/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* mail-message.h - a letter as bytes (RFC 5322, 2045, 2047): every header by an encoder */

#include "core/outbox.h"
#include "core/tenant.h"

/* The letter of an entry, by its kind. A login: link, code, who asked; an account that was linked:
 * the local user, the host, the services. CR LF lines, quoted-printable. (transfer full): wipe with
 * secret_text_free(). */
char *
mail_message(const Tenant *tenant, const char *from, const OutboxEntry *entry, gint64 now_usec);

/* A header's value: ASCII as it is, else RFC 2047 words on lines of 76 characters at most; controls
 * become spaces. @column: characters of the header that stand before it. (transfer full) */
char *mail_header_encode(const char *text, gsize column);
