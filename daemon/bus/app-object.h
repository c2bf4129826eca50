/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app-object.h - one org.antara1.App: the public part of an app, as last announced */

#include "bus/serve.h"
#include "core/app.h"

typedef struct AppObject AppObject;

/**
 * app_object_show() - add or change
 * @apps: client id -> AppObject; its values are freed by app_object_free()
 * @app: what it needs is copied
 * @bus: (nullable): told of what is new, if there is one
 */
void app_object_show(
    GHashTable *apps,
    BusServer *server,
    const Tenant *tenant,
    const App *app,
    sd_bus *bus);
void app_object_hide(GHashTable *apps, const Id *id, sd_bus *bus);

int app_object_export(AppObject *object, sd_bus *bus); /* negative errno */
void app_object_lost(AppObject *object);
void app_object_free(gpointer object);
