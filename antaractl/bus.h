/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* bus.h - calls of org.antara1, and failures in words that say what to do */

#include "antaractl/error.h"

#include <jansson.h>
#include <systemd/sd-bus.h>

typedef sd_bus_message BusMessage;
void bus_message_free(BusMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BusMessage, bus_message_free)

/* Closed and freed at the end of its scope. */
typedef sd_bus Bus;
void bus_close(Bus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bus, bus_close)

sd_bus *bus_open(GError **error);

/* (transfer full): a call of one method, of org.antara1.Manager or another interface; the caller
 * appends the arguments. */
BusMessage *bus_call_new(sd_bus *bus, const char *member);
BusMessage *bus_call_new_of(sd_bus *bus, const char *interface, const char *member);

/**
 * bus_call() - sends and waits, as long as a person may need for a password
 * @appended: what appending gave; negative is an error
 *
 * Returns: (transfer full): the reply.
 */
BusMessage *bus_call(sd_bus *bus, BusMessage *call, int appended, GError **error);

/* FALSE, with what to do when antarad is not there. */
gboolean bus_is_away(GError **error);

/**
 * bus_read_rows() - structs to JSON
 * @fields: names between blanks, each with its type: "id:s scopes:as enabled:b born:x"; x is a time
 *          in microseconds, shown as in RFC 3339
 * Returns: (transfer full): an object, or an array of them.
 */
json_t *bus_read_row(BusMessage *reply, const char *fields, GError **error);
json_t *bus_read_rows(BusMessage *reply, const char *fields, GError **error);
/* (transfer full): {"NAME": text}. */
json_t *bus_read_named(BusMessage *reply, const char *name, GError **error);
/* (transfer full): a{sv} of texts, numbers and flags as an object. */
json_t *bus_read_dictionary(BusMessage *reply, GError **error);
