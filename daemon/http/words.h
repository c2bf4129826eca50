/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* words.h - scopes and browsers in words that people know */

#include <glib.h>

/* A scope of ours in the page's language; another one as it is. Good as long as @scope. */
const char *words_of_scope(const char *language, const char *scope);

/* (transfer full): all of them in one line, but openid, which the slug beside it says already. */
char *words_of_scopes(const char *language, char **scopes);

/* How far an app is known, English; a key of the catalog. @level: an AppLevel. */
const char *words_of_level(guint32 level);

/**
 * words_of_agent() - "Firefox on Linux"
 * @agent: (nullable): a User-Agent; untrusted
 *
 * Returns: (transfer full): two names that we know, or "An unknown browser".
 */
char *words_of_agent(const char *language, const char *agent);
