/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service.h - a PAM service of this host: an app in the model, but without a client id */

#include "core/app.h"

typedef struct Service {
    char *name; /* base name: "sudo" for sudo-i, "su" for su-l */
    Id app;
    gboolean enabled;
    gint64 born_usec;
} Service;

extern const RecordTable service_table;
void service_free(Service *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Service, service_free)

/* "sudo-i" -> "sudo", "su-l" -> "su"; static or @name itself. */
const char *service_base_name(const char *name);

/* FALSE for what is no name of a service, and for cron, atd, systemd-user: a question there would
 * hang the machine. */
gboolean service_can_ask(const char *name);

/* Services that make somebody of a user whom he isn't: sudo, su, doas, polkit-1, … */
gboolean service_raises(const char *name);

/* By PAM name; NULL unless it is enabled, by the configuration or by an administrator. Its record
 * and app are made at first use when the configuration enables it. */
gboolean service_find(
    Txn *txn,
    const CoreConfig *config,
    const char *name,
    Service **ret_service,
    GError **error);

/* What its policy lets people answer at a prompt: all there is, unless the configuration says less.
 */
gboolean service_takes_codes(const CoreConfig *config, const char *name);
gboolean service_takes_devices(const CoreConfig *config, const char *name);

/* At the start: each service of the file gets its record; one that an administrator enabled too is
 * an error. */
gboolean service_check_config(Txn *txn, const CoreConfig *config, GError **error);

typedef struct ServiceAsked {
    const Caller *caller;
    const char *name;
} ServiceAsked;

typedef struct ServiceRow {
    char *name;
    gboolean enabled;
    gboolean configured; /* by the file: read-only here */
    Id app;
} ServiceRow;

typedef struct ServiceAnswer {
    Reason reason;
    GArray *rows; /* list: of ServiceRow */
} ServiceAnswer;

ACT_DECLARE(
    service_enable,
    ServiceAsked,
    PlainAnswer); /* READ_ONLY, BAD_REQUEST (cron, atd, systemd-user) */
ACT_DECLARE(service_disable, ServiceAsked, PlainAnswer); /* READ_ONLY, NOT_FOUND */
ACT_DECLARE(service_list, ServiceAsked, ServiceAnswer);
