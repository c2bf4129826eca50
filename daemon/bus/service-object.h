/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service-object.h - one org.antara1.Service: a PAM service of this host, as last announced */

#include "bus/serve.h"
#include "core/service.h"

typedef struct ServiceObject ServiceObject;

/**
 * service_objects_set() - make the objects what the list says, and tell what is new
 * @services: name -> ServiceObject; its values are freed by service_object_free()
 * @rows: of ServiceRow
 * @bus: (nullable): told, if there is one
 */
void service_objects_set(GHashTable *services, BusServer *server, const GArray *rows, sd_bus *bus);

int service_object_export(ServiceObject *object, sd_bus *bus); /* negative errno */
void service_object_lost(ServiceObject *object);
void service_object_free(gpointer object);
