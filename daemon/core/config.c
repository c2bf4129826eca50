/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/config-inside.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

#define DISPLAY_CHARS_MAX   64
#define HOST_NAME_BYTES_MAX 256U

static void tenant_drop(gpointer data)
{
    tenant_free(data);
}

static char *machine_name(void)
{
    char name[HOST_NAME_BYTES_MAX] = "";

    if (gethostname(name, sizeof(name) - 1) < 0 || !text_is_plain(name) || !name[0]) {
        return g_strdup("localhost");
    }
    return g_strdup(name);
}

CoreConfig *core_config_new(void)
{
    CoreConfig *config = g_new0(CoreConfig, 1);

    config->tenants = g_ptr_array_new_with_free_func(tenant_drop);
    config->services = g_ptr_array_new_with_free_func(service_policy_free);
    config->host_name = machine_name();
    return config;
}

void core_config_free(CoreConfig *config)
{
    if (!config) {
        return;
    }
    g_ptr_array_unref(config->tenants);
    g_ptr_array_unref(config->services);
    g_free(config->host_name);
    g_free(config->pam_tenant);
    g_free(config);
}

gboolean config_refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, words);
    return FALSE;
}

gboolean config_find_word(const char *text, const char *const *words, guint *ret_place)
{
    for (guint i = 0; words[i]; i++) {
        if (g_str_equal(words[i], text)) {
            *ret_place = i;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean read_issuer(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    const char *problem = tenant_set_issuer(target, value->text);

    (void)offset;
    return !problem || config_refuse(error, problem);
}

static gboolean
read_contact(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    const char *problem = tenant_set_security_contact(target, value->text);

    (void)offset;
    return !problem || config_refuse(error, problem);
}

static gboolean read_limits(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(value->text, " \t", -1);

    (void)offset;
    for (char **word = words; *word; word++) {
        const char *problem = **word ? tenant_set_limit(target, *word) : NULL;
        if (problem) {
            return config_refuse(error, problem);
        }
    }
    return TRUE;
}

static gboolean
read_sign_up(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    static const char *const words[] = {"invited", "open", NULL};
    guint place = 0;

    if (!config_find_word(value->text, words, &place)) {
        return config_refuse(error, "this is open or invited");
    }
    *(gboolean *)((guint8 *)target + offset) = place == 1;
    return TRUE;
}

static gboolean
read_registration(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    static const char *const words[] = {"off", "open", NULL};
    guint place = 0;

    if (!config_find_word(value->text, words, &place)) {
        return config_refuse(error, "this is off or open");
    }
    *(gboolean *)((guint8 *)target + offset) = place == 1;
    return TRUE;
}

static gboolean read_shown(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    if (!text_is_plain(value->text) || g_utf8_strlen(value->text, -1) > DISPLAY_CHARS_MAX) {
        return config_refuse(error, "this is one line of at most 64 characters, without controls");
    }
    return config_read_text(value, target, offset, error);
}

static gboolean
read_provider(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    (void)target;
    (void)offset;
    return g_str_equal(value->text, "local") || config_refuse(error, "this is local");
}

static gboolean
read_immediate(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    static const char *const words[] = {"auto", "yes", "no", NULL}; /* as in SshInfo */
    guint place = 0;

    if (!config_find_word(value->text, words, &place)) {
        return config_refuse(error, "this is auto, yes or no");
    }
    *(SshInfo *)((guint8 *)target + offset) = (SshInfo)place;
    return TRUE;
}

static const ConfigKey tenant_keys[] = {
    {"issuer", read_issuer, 0},
    {"display_name", read_shown, offsetof(Tenant, display_name)},
    {"sign_up", read_sign_up, offsetof(Tenant, sign_up_open)},
    {"registration", read_registration, offsetof(Tenant, registration_open)},
    {"security_contact", read_contact, 0},
    {"limits", read_limits, 0},
    {NULL, NULL, 0},
};

static const ConfigKey pam_keys[] = {
    {"host_name", read_shown, offsetof(CoreConfig, host_name)},
    {"provider", read_provider, 0},
    {"tenant", config_read_text, offsetof(CoreConfig, pam_tenant)},
    {"ssh_immediate_info", read_immediate, offsetof(CoreConfig, ssh_immediate_info)},
    {NULL, NULL, 0},
};

static gpointer
tenant_target(gpointer data, const char *name, const ConfigValue *where, GError **error)
{
    CoreConfig *config = data;
    Tenant *tenant = (Tenant *)core_config_tenant(config, name); /* ours, and still being read */

    (void)where;
    if (strlen(name) > CONFIG_NAME_CHARS_MAX || strspn(name, CONFIG_NAME_CHARS) != strlen(name) ||
        !*name || g_str_equal(name, "system")) {
        (void)config_refuse(
            error, "a tenant's name has 1 to 32 of a-z 0-9 - _, and is not \"system\"");
        return NULL;
    }
    if (!tenant) {
        tenant = tenant_new(name);
        tenant->display_name = g_strdup(name);
        g_ptr_array_add(config->tenants, tenant);
    }
    return tenant;
}

static gpointer
pam_target(gpointer data, const char *name, const ConfigValue *where, GError **error)
{
    (void)name;
    (void)where;
    (void)error;
    return data;
}

ConfigSection *core_config_sections(CoreConfig *config)
{
    const ConfigSection sections[] = {
        {"tenant *", tenant_keys, tenant_target, config},
        {"pam", pam_keys, pam_target, config},
        core_config_service_section(config),
        {NULL, NULL, NULL, NULL},
    };

    return g_memdup2(sections, sizeof(sections));
}

static gboolean tenant_check(const CoreConfig *config, const Tenant *tenant, GError **error)
{
    g_autofree char *limit = tenant->loopback ? NULL : tenant_limit_problem(tenant);
    const char *problem = limit;

    if (!tenant->issuer) {
        problem = "issuer is missing";
    } else if (core_config_tenant_of_host(config, tenant->host) != tenant) {
        problem = "another tenant has the same host in its issuer";
    }
    if (problem) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, "[tenant %s] %s", tenant->name, problem);
    }
    return !problem;
}

gboolean core_config_check(CoreConfig *config, GError **error)
{
    if (config->tenants->len == 0) {
        return config_refuse(error, "there is no [tenant NAME]: one at least is needed");
    }
    for (guint i = 0; i < config->tenants->len; i++) {
        if (!tenant_check(config, config->tenants->pdata[i], error)) {
            return FALSE;
        }
    }
    if (config->pam_tenant && !core_config_tenant(config, config->pam_tenant)) {
        return config_refuse(error, "[pam] tenant: there is no [tenant NAME] of that name");
    }
    if (!config->pam_tenant && config->services->len > 0 && config->tenants->len > 1) {
        return config_refuse(
            error, "[pam] tenant is needed: there are services, and several tenants");
    }
    return core_config_check_services(config, error);
}

const Tenant *core_config_tenant(const CoreConfig *config, const char *name)
{
    for (guint i = 0; i < config->tenants->len; i++) {
        const Tenant *tenant = config->tenants->pdata[i];
        if (g_str_equal(tenant->name, name)) {
            return tenant;
        }
    }
    return NULL;
}

const Tenant *core_config_tenant_of_host(const CoreConfig *config, const char *host)
{
    for (guint i = 0; i < config->tenants->len; i++) {
        const Tenant *tenant = config->tenants->pdata[i];
        if (tenant->host && g_ascii_strcasecmp(tenant->host, host) == 0) {
            return tenant;
        }
    }
    return NULL;
}

gboolean core_config_is_https(const CoreConfig *config)
{
    for (guint i = 0; i < config->tenants->len; i++) {
        if (!((const Tenant *)config->tenants->pdata[i])->https) {
            return FALSE;
        }
    }
    return TRUE;
}

const Tenant *core_config_pam_tenant(const CoreConfig *config)
{
    if (config->pam_tenant) {
        return core_config_tenant(config, config->pam_tenant);
    }
    return config->tenants->len == 1 ? config->tenants->pdata[0] : NULL;
}
