/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service-revert.h - takes back what enable --confirm-within did and nobody confirmed */

#include "antaractl/command.h"

/**
 * service_revert() - antaractl service revert [NAME], for units alone
 *
 * With NAME, which the timer gives: its lines go now. Without, at a boot: those go whose time is
 * over, and the others get a timer for the rest of theirs; where none can be set they go, too.
 * Needs neither daemon nor bus. Nothing happens to what was confirmed meanwhile.
 */
gboolean service_revert(sd_bus *none, const Words *words, json_t **ret_result, GError **error);
