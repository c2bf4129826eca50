/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app-rows.h - what the methods of Manager and those of an App object share */

#include "base/error.h"
#include "bus/serve.h"
#include "core/app.h"

#define BUS_APP_ACTION "org.antara1.manage-apps"
#define BUS_APP_FIELDS                                                                             \
    "ssasasssx" /* client id, name, redirect URIs, scopes, level, state, born                      \
                 */

const char *bus_app_problem(gconstpointer answer);
const char *bus_app_level(guint32 level); /* words as in the model; static */
const char *bus_app_state(guint32 state);

/* a{sv} of Name, RedirectUris, Scopes; what is absent is left as it is. */
gboolean bus_app_read_changes(BusCall *call, AppAsked *asked, GError **error);
