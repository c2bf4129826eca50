/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* manager.h - org.antara1.Manager at /org/antara1: everything an administrator can ask for */

#include "bus/serve.h"

extern const BusPart manager_part;

/* Rows, one file for each noun; each ended by a NULL member. */
extern const BusMethod manager_app_methods[];
extern const BusMethod manager_key_methods[];
extern const BusMethod manager_account_methods[];
extern const BusMethod manager_host_methods[];
extern const BusMethod manager_known_key_methods[];
extern const BusMethod manager_store_methods[];

/* The property Progress: of work on the store, told while it moves. */
typedef struct Progress Progress;
extern const sd_bus_vtable manager_store_properties[];
Progress *progress_new(BusServer *server);
void progress_free(Progress *progress);
/* Work was asked for: tells of it until it has ended. */
void progress_follow(Progress *progress);
Progress *manager_progress(const BusObject *object);
