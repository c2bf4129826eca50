/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/service-call.h"

gboolean service_tell(
    Bus *bus,
    const Words *words,
    const char *member,
    gboolean *ret_settled,
    GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, member);
    g_autoptr(GError) why = NULL;
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, &why);

    *ret_settled = g_error_matches(why, CTL_ERROR, CTL_ERROR_SETTLED);
    if (reply || *ret_settled) {
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

GPtrArray *service_enabled(Bus *bus, const Words *words, gboolean by_file, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListServices");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    json_t *rows = reply ? bus_read_rows(reply, SERVICE_ROW, error) : NULL;
    GPtrArray *names = rows ? g_ptr_array_new_with_free_func(g_free) : NULL;
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(rows, i, row)
    {
        if (json_is_true(json_object_get(row, by_file ? "configured" : "enabled"))) {
            g_ptr_array_add(names, g_strdup(json_string_value(json_object_get(row, "name"))));
        }
    }
    json_decref(rows);
    return names;
}
