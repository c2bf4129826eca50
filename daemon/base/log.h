/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * log.h - structured records for the system log; only the edges (main, http, bus, jobs) call it
 *
 * Under systemd they go to journald with their fields, else to standard error as one line. Every
 * text from outside is made fit by text_for_people() in here. Never pass a token, a code, an email,
 * a body, nor a slug beside an account or an address.
 */

#include <glib.h>

typedef enum LogLevel {
    LOG_LEVEL_ERR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_DEBUG = 7
} LogLevel;

typedef struct LogField {
    const char *name; /* A-Z and _; in the journal prefixed by ANTARA_ */
    const char *value;
} LogField;

/**
 * log_event() - one event, one record
 * @event_id: from the catalog (base/log-events.h), e.g. LOG_EVENT_HTTP_LISTENING
 * @fields: ended by a row whose name is NULL; (nullable)
 * @format: the sentence, for an administrator
 */
void log_event(
    LogLevel level,
    const char *event_id,
    const LogField *fields,
    const char *format,
    ...) G_GNUC_PRINTF(4, 5);

/* (transfer none) (nullable): the journal's MESSAGE_ID of @event_id; NULL for what is no event. */
const char *log_message_id(const char *event_id);

/* DEBUG records are written only after this. */
void log_set_debug(gboolean debug);
