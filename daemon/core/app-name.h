/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app-name.h - what an app may be called: nothing that a person could take for somebody else's name
 */

#include <glib.h>

#define APP_NAME_CHARS_MAX 64U

/**
 * app_name_problem() - may an app have this name?
 * @name: untrusted
 * @tenant: (nullable): the display name of the tenant, when a stranger gave @name: then no word of
 * it may look like Antara's name or the tenant's
 *
 * Refused are control, bidi and other format characters, words of mixed scripts, and what looks
 * like the name of whoever runs the server, in whatever letters or digits that look alike.
 *
 * Source: row O16 of the attacks; UTS 39 4, 5.1.
 * Returns: NULL, or what is wrong with it (static words).
 */
const char *app_name_problem(const char *name, const char *tenant);
