/* SPDX-License-Identifier: GPL-3.0-or-later */

/* terminal.c - see terminal.h */

#include "terminal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* login, su and others name a device, with or without "/dev/". sshd has no device yet while it
 * asks, and says "ssh"; its client has a terminal, or a program that answers in its place. An X
 * display counts too. Servers say their own name there ("dovecot", "ftp"), or nothing. */
static bool names_a_terminal(const char *tty)
{
    static const char *const beginnings[] = {"/dev/", "tty", "pts/", ":"};

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
        if (strncmp(tty, beginnings[i], strlen(beginnings[i])) == 0) {
            return true;
        }
    }
    return strcmp(tty, "ssh") == 0;
}

bool terminal_is_there(const char *tty)
{
    return (tty != NULL && names_a_terminal(tty)) || isatty(STDIN_FILENO) == 1;
}

/* The first of the locale's variables that is set speaks; in sudo and su none does. */
bool terminal_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = secure_getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
        }
    }
    return true;
}
