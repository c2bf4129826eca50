/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* freed.h - what GnuTLS leaves behind in memory */

/* GnuTLS frees parts of keys and the master secrets of TLS 1.2 as they are. From here on all that
 * it frees itself is wiped first. For main(), before there are threads. */
void freed_is_wiped(void);
