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

/* Whether @app registered all of these, byte for byte; NULL asks for none, and is fine. */
gboolean app_has_resources(const App *app, const char *const *resources);

/**
 * app_resource_choose() - the one resource of an access token (RFC 8707 2.2)
 * @granted: with the grant; NULL or empty: any of the app's
 * @asked: with this request; NULL or empty: the only one that was granted, or none
 * @ret_resource: (out) (transfer none): NULL: the token names none
 *
 * Returns: FALSE: more than one, or one that is not the app's, or was not granted.
 */
gboolean app_resource_choose(
    const App *app,
    const char *const *granted,
    const char *const *asked,
    const char **ret_resource);
