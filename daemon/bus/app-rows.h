/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app-rows.h - what the methods of Manager and those of an App object share */

#include "base/error.h"
#include "bus/serve.h"
#include "core/app.h"

#define BUS_APP_ACTION "org.antara1.manage-apps"
/* client id, name, redirect URIs, scopes, level, state, born, resources, post-logout redirect URIs,
 * back-channel logout URI, algorithm of ID tokens, seconds in which a refresh may be replayed, URIs
 * of privacy policy, terms and logo, whether it registered itself, and when it was last used then
 */
#define BUS_APP_FIELDS "ssasasssxasasssusssbx"

const char *bus_app_problem(gconstpointer answer);
const char *bus_app_level(guint32 level); /* words as in the model; static */
const char *bus_app_state(guint32 state);

/* a{sv} of Name, RedirectUris, Scopes and the others of app-settings.c; what is absent is left as
 * it is. */
gboolean bus_app_read_settings(BusCall *call, AppAsked *asked, GError **error);
