/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/bus.h"

#include "dbus/names.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CALL_TIMEOUT_USEC (G_GUINT64_CONSTANT(310) * G_USEC_PER_SEC)

void bus_message_free(BusMessage *message)
{
    sd_bus_message_unref(message);
}

void bus_close(Bus *bus)
{
    sd_bus_flush_close_unref(bus);
}

sd_bus *bus_open(GError **error)
{
    sd_bus *bus = NULL;
    int r = sd_bus_open_system_with_description(&bus, "antaractl");

    if (r < 0) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_AWAY,
            "The system bus can't be reached (%s): start dbus, then antarad.", g_strerror(-r));
        return NULL;
    }
    return bus;
}

BusMessage *bus_call_new(sd_bus *bus, const char *member)
{
    return bus_call_new_of(bus, ANTARA_BUS_MANAGER, member);
}

BusMessage *bus_call_new_of(sd_bus *bus, const char *interface, const char *member)
{
    BusMessage *call = NULL;

    int r = sd_bus_message_new_method_call(
        bus, &call, ANTARA_BUS_NAME, ANTARA_BUS_PATH, interface, member);
    g_assert(r >= 0); /* the names are ours: nothing but memory can be missing */
    (void)sd_bus_message_set_allow_interactive_authorization(call, isatty(STDIN_FILENO));
    return call;
}

static CtlError code_of(const char *name)
{
    if (g_str_has_suffix(name, ".NotFound")) {
        return CTL_ERROR_NOT_FOUND;
    }
    return g_str_has_suffix(name, ".Exists") || g_str_has_suffix(name, ".ReadOnly")
               ? CTL_ERROR_SETTLED
               : CTL_ERROR_FAILED;
}

/* Nobody has the name, or the connection is gone. */
static gboolean is_away(const char *name, int r)
{
    return g_str_has_suffix(name, ".ServiceUnknown") || g_str_has_suffix(name, ".NameHasNoOwner") ||
           strstr(name, ".Spawn.") || r == -ENOTCONN;
}

gboolean bus_is_away(GError **error)
{
    g_set_error(
        error, CTL_ERROR, CTL_ERROR_AWAY,
        "antarad is not running. Start it: systemctl start antarad. If it refuses, journalctl -u "
        "antarad says why, and antarad --check-store reads its store.");
    return FALSE;
}

static void explain(const sd_bus_error *failure, int r, GError **error)
{
    const char *name = failure->name ? failure->name : "";
    const char *words = failure->message ? failure->message : g_strerror(-r);

    if (is_away(name, r)) {
        (void)bus_is_away(error);
    } else if (g_str_has_suffix(name, ".AccessDenied")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_DENIED,
            "%s Run this as root, or in a terminal where polkit can ask for a password.", words);
    } else {
        g_set_error_literal(error, CTL_ERROR, code_of(name), words);
    }
}

BusMessage *bus_call(sd_bus *bus, BusMessage *call, int appended, GError **error)
{
    sd_bus_error failure = SD_BUS_ERROR_NULL;
    BusMessage *reply = NULL;

    if (appended < 0) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_FAILED, "The call can't be made (%s): arguments are UTF-8.",
            g_strerror(-appended));
        return NULL;
    }
    int r = sd_bus_call(bus, call, CALL_TIMEOUT_USEC, &failure, &reply);
    if (r < 0) {
        explain(&failure, r, error);
        sd_bus_error_free(&failure);
        return NULL;
    }
    return reply;
}

static json_t *unreadable(GError **error)
{
    g_set_error(
        error, CTL_ERROR, CTL_ERROR_FAILED,
        "antarad's answer can't be read: are antarad and antaractl of the same version?");
    return NULL;
}

static json_t *read_texts(BusMessage *reply)
{
    json_t *texts = json_array();
    const char *text = NULL;

    if (sd_bus_message_enter_container(reply, 'a', "s") < 0) {
        return texts;
    }
    while (sd_bus_message_read(reply, "s", &text) > 0) {
        json_array_append_new(texts, json_string(text));
    }
    (void)sd_bus_message_exit_container(reply);
    return texts;
}

static json_t *time_value(gint64 usec)
{
    g_autoptr(GDateTime) time = usec ? g_date_time_new_from_unix_utc(usec / G_USEC_PER_SEC) : NULL;
    g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

    return text ? json_string(text) : json_null();
}

/* NULL when the message holds something else. */
static json_t *read_value(BusMessage *reply, const char *type)
{
    const char *text = NULL;
    gint64 number = 0;
    guint32 count = 0;
    guint64 size = 0;
    int flag = 0;

    switch (*type) {
    case 's':
        return sd_bus_message_read(reply, "s", &text) > 0 ? json_string(text) : NULL;
    case 'b':
        return sd_bus_message_read(reply, "b", &flag) > 0 ? json_boolean(flag) : NULL;
    case 'u':
        return sd_bus_message_read(reply, "u", &count) > 0 ? json_integer(count) : NULL;
    case 't':
        return sd_bus_message_read(reply, "t", &size) > 0 ? json_integer((json_int_t)size) : NULL;
    case 'x':
        return sd_bus_message_read(reply, "x", &number) > 0 ? time_value(number) : NULL;
    case 'a':
        return read_texts(reply);
    default:
        return NULL;
    }
}

/* NULL at the end of an array. */
static json_t *read_struct(BusMessage *reply, const char *fields, gboolean *ret_broken)
{
    g_auto(GStrv) list = g_strsplit(fields, " ", -1);

    if (sd_bus_message_enter_container(reply, 'r', NULL) <= 0) {
        return NULL;
    }
    json_t *row = json_object();
    for (char **field = list; *field; field++) {
        char *type = strchr(*field, ':');
        g_assert(type);
        *type++ = '\0';
        json_t *value = read_value(reply, type);
        if (!value) {
            *ret_broken = TRUE;
        }
        json_object_set_new(row, *field, value ? value : json_null());
    }
    (void)sd_bus_message_exit_container(reply);
    return row;
}

json_t *bus_read_row(BusMessage *reply, const char *fields, GError **error)
{
    gboolean broken = FALSE;
    json_t *row = read_struct(reply, fields, &broken);

    if (!row || broken) {
        json_decref(row);
        return unreadable(error);
    }
    return row;
}

json_t *bus_read_rows(BusMessage *reply, const char *fields, GError **error)
{
    json_t *rows = json_array();
    json_t *row = NULL;
    gboolean broken = sd_bus_message_enter_container(reply, 'a', NULL) < 0;

    while (!broken && (row = read_struct(reply, fields, &broken))) {
        json_array_append_new(rows, row);
    }
    if (broken) {
        json_decref(rows);
        return unreadable(error);
    }
    return rows;
}

json_t *bus_read_named(BusMessage *reply, const char *name, GError **error)
{
    json_t *value = read_value(reply, "s");

    return value ? json_pack("{so}", name, value) : unreadable(error);
}

json_t *bus_read_dictionary(BusMessage *reply, GError **error)
{
    json_t *all = json_object();
    const char *key = NULL;
    const char *type = NULL;
    int r = sd_bus_message_enter_container(reply, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
        if (sd_bus_message_read(reply, "s", &key) <= 0 ||
            sd_bus_message_peek_type(reply, NULL, &type) < 0 ||
            sd_bus_message_enter_container(reply, 'v', type) < 0) {
            r = -EBADMSG;
            break;
        }
        json_t *value = read_value(reply, type);
        json_object_set_new(all, key, value ? value : json_null());
        (void)sd_bus_message_exit_container(reply);
        (void)sd_bus_message_exit_container(reply);
    }
    if (r < 0) {
        json_decref(all);
        return unreadable(error);
    }
    return all;
}
