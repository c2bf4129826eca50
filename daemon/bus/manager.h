/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* manager.h - org.antara1.Manager at /org/antara1: everything an administrator can ask for */

#include "bus/serve.h"

extern const BusPart manager_part;

/* Rows, one file for each noun; each ended by a NULL member. */
extern const BusMethod manager_app_methods[];
extern const BusMethod manager_account_methods[];
extern const BusMethod manager_host_methods[];
