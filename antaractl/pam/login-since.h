/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* login-since.h - does this process come from a sign-in by a service that began after some moment?
 */

#include <glib.h>

/* Microseconds since the machine began, asleep or not: what the kernel notes of each process. */
gint64 boot_time_usec(void);

/* TRUE when a process of the service's program (sshd, sudo, login, …), begun at or after
 * @since_usec, is among this process's ancestors. */
gboolean login_is_since(const char *service, gint64 since_usec);
