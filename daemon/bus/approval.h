/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* approval.h - org.antara1.Approval: what waits at this host's prompts, for who may know
 * (dbus/org.antara1.Approval.xml) */

#include "bus/serve.h"

#define APPROVAL_WATCHERS_MAX     64U /* in all; root is not counted */
#define APPROVAL_WATCHERS_UID_MAX 8U  /* of one user */

extern const BusPart approval_part;
