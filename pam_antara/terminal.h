/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* terminal.h - whether somebody sits before a terminal, and what it can show */

#include <stdbool.h>

/* @tty: PAM_TTY; NULL: none. Where it names no terminal, standard input decides, from which
 * programs without a name for it read what is typed. */
bool terminal_is_there(const char *tty);
bool terminal_is_utf8(void);
