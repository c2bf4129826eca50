/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* print.h - one JSON value for people: rows as an aligned table, an object as lines; foreign text
 * is made fit for a terminal */

#include <glib.h>
#include <jansson.h>

void print_for_people(const json_t *result);
