/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service-call.h - what the daemon is told and asked of services */

#include "antaractl/bus.h"
#include "antaractl/command.h"

#define SERVICE_ROW "name:s enabled:b configured:b" /* of ListServices, for bus_read_rows() */

/**
 * service_tell() - EnableService or DisableService, of the first of @words
 *
 * Returns: TRUE when it is so, already or now; *ret_settled: already.
 */
gboolean service_tell(
    Bus *bus,
    const Words *words,
    const char *member,
    gboolean *ret_settled,
    GError **error);

/**
 * service_enabled() - names of the services that are enabled
 * @by_file: those alone that a section of the configuration enables
 *
 * Returns: (transfer full): NULL with an error.
 */
GPtrArray *service_enabled(Bus *bus, const Words *words, gboolean by_file, GError **error);
