/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app-resource.h - whose a resource is (RFC 8707): one app's, by the URI's bytes */

#include "core/app.h"

/* Enters what is new, forgets what is gone. *ret_taken: another app has one of them; then the act
 * must not be GRANTED. */
gboolean app_resources_claim(
    Txn *txn,
    const App *app,
    const char *const *resources,
    gboolean *ret_taken,
    GError **error);

/* The app is removed. */
gboolean app_resources_release(Txn *txn, const App *app, GError **error);

/* One that @app registered; byte for byte. NULL asks for none, and is fine. */
gboolean app_has_resource(const App *app, const char *resource);
