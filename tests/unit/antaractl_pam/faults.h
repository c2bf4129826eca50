/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* faults.h - the nth call that writes, owns, syncs or renames fails, or is the process's last */

#include <glib.h>

/* @nth: from 1; 0: none. @kills: the process ends before the call, as if the machine had stopped.
 */
void faults_set(guint nth, gboolean kills);
