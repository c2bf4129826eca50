/* SPDX-License-Identifier: GPL-3.0-or-later */

/* courier-config.c - the section [courier], which only builds for tests know */

#include "jobs/courier-inside.h"

static const ConfigKey courier_keys[] = {
    {"test_ca", config_read_path, offsetof(CourierConfig, test_ca)},
    {NULL, NULL, 0},
};

static gpointer the_only_section(
    gpointer data,
    G_GNUC_UNUSED const char *name,
    G_GNUC_UNUSED const ConfigValue *where,
    G_GNUC_UNUSED GError **error)
{
    return data;
}

gboolean courier_config_section(CourierConfig *config, ConfigSection *ret_section)
{
    if (!ANTARA_TEST_LOOPBACK) {
        return FALSE;
    }
    *ret_section = (ConfigSection){"courier", courier_keys, the_only_section, config};
    return TRUE;
}

void courier_config_clear(CourierConfig *config)
{
    g_clear_pointer(&config->test_ca, g_free);
}
