/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* words.h - the command line, taken apart by a command's own options */

#include "antaractl/command.h"

#define WORDS_GLOBAL "json tenant= help version"

void words_init(Words *words);
void words_clear(Words *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Words, words_clear)

/* @options: as in Command; @arguments: NULL-terminated, outlive @words. FALSE: a usage error. */
gboolean words_read(Words *words, const char *options, char **arguments, GError **error);
