/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* link-inside.h - what the files of org.antara1.Link share */

#include "bus/link.h"

extern const BusMethod link_methods[];

/* Those that are over leave their places. */
gboolean link_requests_have_place(const BusCall *call);
/* It belongs to the caller's connection from now on; another of the same local user is over. */
void link_request_remember(const BusCall *call, const Id *id);
gboolean link_request_is_callers(const BusCall *call, const Id *id);
void link_request_forget(const BusCall *call, const Id *id);
