/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app-settings.h - what may be set of an app, and setting it: one place for the bus and for
 * registration */

#include "core/app.h"

#define APP_URI_BYTES_MAX 2048U

/**
 * app_settings_missing() - is what every app needs there?
 * @ret_reason: why not
 *
 * Returns: NULL, or what is missing (static words).
 */
const char *app_settings_missing(const AppAsked *asked, Reason *ret_reason);

/**
 * app_settings_problem() - may all that is set be set?
 * @asked: untrusted; what is absent is no problem
 *
 * Source: RFC 7591 2, RFC 8707 2, OpenID Connect Back-Channel Logout 2.2.
 * Returns: NULL, or what is wrong (static words), and @ret_reason.
 */
const char *app_settings_problem(const AppAsked *asked, Reason *ret_reason);

/* What is absent stays as it is. */
void app_settings_apply(App *app, const AppAsked *asked);
