/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_CHARS_MAX  2000U
#define LOG_FIELDS_MAX 12U

static gint debug_wanted;

void log_set_debug(gboolean debug)
{
    g_atomic_int_set(&debug_wanted, debug);
}

static const char *level_word(LogLevel level)
{
    switch (level) {
    case LOG_LEVEL_ERR:
        return "error";
    case LOG_LEVEL_WARNING:
        return "warning";
    case LOG_LEVEL_NOTICE:
        return "notice";
    case LOG_LEVEL_DEBUG:
        return "debug";
    }
    return "error";
}

static void
log_to_stderr(LogLevel level, const char *event_id, const LogField *fields, const char *message)
{
    g_autoptr(GString) line = g_string_new(NULL);

    g_string_printf(line, "antarad: %s: %s (%s)", level_word(level), message, event_id);
    for (; fields && fields->name; fields++) {
        g_autofree char *value = text_for_people(fields->value, LOG_CHARS_MAX);
        g_string_append_printf(line, " %s=%s", fields->name, value);
    }
    g_string_append_c(line, '\n');
    (void)fputs(line->str, stderr);
}

static void
log_to_journal(LogLevel level, const char *event_id, const LogField *fields, const char *message)
{
    char priority[2] = {(char)('0' + level), '\0'};
    GLogField rows[LOG_FIELDS_MAX] = {
        {"MESSAGE", message, -1},
        {"PRIORITY", priority, -1},
        {"SYSLOG_IDENTIFIER", "antarad", -1},
        {"ANTARA_EVENT", event_id, -1},
        {"MESSAGE_ID", log_message_id(event_id), -1}};
    char *owned[2 * LOG_FIELDS_MAX] = {NULL};
    gsize n_rows = 5;
    gsize n_owned = 0;

    for (; fields && fields->name && n_rows < LOG_FIELDS_MAX; fields++) {
        char *name = owned[n_owned++] = g_strconcat("ANTARA_", fields->name, NULL);
        char *value = owned[n_owned++] = text_for_people(fields->value, LOG_CHARS_MAX);
        rows[n_rows++] = (GLogField){name, value, -1};
    }
    (void)g_log_writer_journald(G_LOG_LEVEL_MESSAGE, rows, n_rows, NULL);
    while (n_owned) {
        g_free(owned[--n_owned]);
    }
}

void log_event(
    LogLevel level,
    const char *event_id,
    const LogField *fields,
    const char *format,
    ...)
{
    va_list arguments;

    if (level == LOG_LEVEL_DEBUG && !g_atomic_int_get(&debug_wanted)) {
        return;
    }
    va_start(arguments, format);
    g_autofree char *raw = g_strdup_vprintf(format, arguments);
    va_end(arguments);

    g_autofree char *message = text_for_people(raw, LOG_CHARS_MAX);
    if (g_log_writer_is_journald(STDERR_FILENO)) {
        log_to_journal(level, event_id, fields, message);
    } else {
        log_to_stderr(level, event_id, fields, message);
    }
}
