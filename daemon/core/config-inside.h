/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* config-inside.h - what the files of core/config share */

#include "core/config.h"

#define CONFIG_NAME_CHARS_MAX 32U
#define CONFIG_NAME_CHARS     "abcdefghijklmnopqrstuvwxyz0123456789-_"

/* FALSE, with an error that says so. */
gboolean config_refuse(GError **error, const char *words);
/* The place of @text among @words, ended by NULL; FALSE when it is none of them. */
gboolean config_find_word(const char *text, const char *const *words, guint *ret_place);

/* config-service.c: [service NAME] */
ConfigSection core_config_service_section(CoreConfig *config);
gboolean core_config_check_services(const CoreConfig *config, GError **error);
void service_policy_free(gpointer data);
