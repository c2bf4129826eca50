/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "service.h"

#include "dbus/names.h"

#include <string.h>

bool service_is_machine(const char *service)
{
    static const char *const names[] = {ANTARA_MACHINE_SERVICES};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], service) == 0) {
            return true;
        }
    }
    return false;
}
