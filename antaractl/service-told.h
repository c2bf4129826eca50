/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service-told.h - what enable tells of itself: what was changed, and what is to be done next */

#include "antaractl/command.h"
#include "antaractl/pam/tree.h"

/* (transfer full): of @service in @tree, whose lines of Antara stand in the file(s) @file now. */
json_t *service_told(const PamTree *tree, const char *service, const char *file);

/* The service that the daemon knows by the same name, with a file of its own; NULL: none. */
const char *service_twin_of(const char *service);

/* TRUE when the service that the daemon knows by the same name (sudo and sudo-i, su and su-l) asks
 * Antara by lines that are not the profile's. */
gboolean service_twin_asks(const PamTree *tree, const char *service);
