/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service.h - what a PAM service's name says by itself */

#include <stdbool.h>

/* It works while nobody is there. The daemon knows them too, but may be away or hang: nobody's
 * night job waits for that. */
bool service_is_machine(const char *service);
