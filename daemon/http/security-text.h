/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* security-text.h - /.well-known/security.txt: where somebody tells of a hole (RFC 9116) */

#include "http/exchange.h"

#define SECURITY_TEXT_PATH "/.well-known/security.txt"

/* (transfer full): the text for a tenant that has a contact. It expires 30 days after the day of
 * @now_usec: it says what is configured now, and is never older than its answer. */
char *security_text_make(const Tenant *tenant, gint64 now_usec);

/* The handler; 404 where the configuration names no contact. */
void security_text_get(Exchange *exchange);
