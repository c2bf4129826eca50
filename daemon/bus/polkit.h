/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* polkit.h - may this connection do that? */

#include "base/outcome.h"

#include <systemd/sd-bus.h>

/* @error: words for the log when BROKEN. Never called after the slot is freed. */
typedef void (*PolkitAnswered)(Outcome outcome, const char *error, gpointer data);

/**
 * polkit_ask() - asks without waiting
 * @message: the call; its sender is the subject, by bus name, never a pid. The person is asked for
 *           a password only if the message allows interactive authorization
 * @ret_slot: (out) (transfer full): freed first, nobody is told
 *
 * Returns: negative errno when it could not even be asked.
 */
int polkit_ask(
    sd_bus_message *message,
    const char *action,
    PolkitAnswered answered,
    gpointer data,
    sd_bus_slot **ret_slot);
