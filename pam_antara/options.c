/* SPDX-License-Identifier: GPL-3.0-or-later */

/* options.c - see options.h */

#include "options.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static bool timeout_read(const char *text, unsigned *ret_seconds)
{
    char *end = NULL;
    errno = 0;
    const unsigned long seconds = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0) {
        return false;
    }
    if (seconds == 0 || seconds > TIMEOUT_SECONDS_MAX) {
        return false;
    }
    *ret_seconds = (unsigned)seconds;
    return true;
}

static bool qr_read(const char *text, const char **ret_qr)
{
    static const char *const ways[] = {"auto", "on", "off", "inverse"};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(text, ways[i]) == 0) {
            *ret_qr = ways[i];
            return true;
        }
    }
    return false;
}

static bool option_read(Options *options, const char *argument)
{
    if (strncmp(argument, "timeout=", 8) == 0) {
        return timeout_read(argument + 8, &options->timeout_seconds);
    }
    if (strncmp(argument, "qr=", 3) == 0) {
        return qr_read(argument + 3, &options->qr);
    }
    if (strcmp(argument, "slug") == 0) {
        return options->slug = true;
    }
    if (strcmp(argument, "debug") == 0) {
        return options->debug = true;
    }
    return false;
}

Options options_read(pam_handle_t *handle, int count, const char **arguments)
{
    Options options = {.timeout_seconds = TIMEOUT_SECONDS_DEFAULT, .qr = "auto"};

    for (int i = 0; i < count; i++) {
        if (!option_read(&options, arguments[i])) {
            pam_syslog(handle, LOG_WARNING, "option passed over: %s", arguments[i]);
        }
    }
    return options;
}
