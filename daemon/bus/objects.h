/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * objects.h - /org/antara1/app/ID and /org/antara1/service/NAME: what anybody may read
 *
 * A cache of the public part of apps and services. It is filled at the start and changed by
 * announcements alone, so a signal never comes before its change is durable.
 */

#include "bus/serve.h"

extern const BusPart objects_part;
