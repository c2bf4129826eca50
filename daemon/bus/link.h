/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* link.h - org.antara1.Link: a person links accounts to the local user that he is
 * (dbus/org.antara1.Link.xml) */

#include "bus/serve.h"

#define LINK_REQUESTS_MAX 128U /* alive, in all; one of a local user */

extern const BusPart link_part;
