/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* cleanup.h - owners of this module's memory: each is declared with what frees it */

#include <stdlib.h>
#include <systemd/sd-bus.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void cleanup_text(char **text)
{
    free(*text);
}

static inline void cleanup_message(sd_bus_message **message)
{
    sd_bus_message_unref(*message);
}

static inline void cleanup_bus_error(sd_bus_error *error)
{
    sd_bus_error_free(error);
}
