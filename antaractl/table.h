/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* table.h - the table of commands as JSON: completion and man page are made of it at build */

#include "antaractl/command.h"

/* (transfer full): an array of {noun, verb, usage, help, options: [{name, value}]} in the order of
 * the @n_groups groups, each ended by a row whose noun is NULL; rows without help are left out. */
json_t *table_as_json(const CommandGroup *groups, gsize n_groups);
