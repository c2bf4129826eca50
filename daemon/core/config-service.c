/* SPDX-License-Identifier: GPL-3.0-or-later */

/* config-service.c - [service NAME]: what a PAM service of this host lets people do */

#include "base/error.h"
#include "core/config-inside.h"
#include "core/known-key.h"
#include "core/service.h"

#include <string.h>

#define SERVICE_NAME_CHARS  "ABCDEFGHIJKLMNOPQRSTUVWXYZ." CONFIG_NAME_CHARS
#define TIMEOUT_SECONDS_MIN 10U
#define TIMEOUT_SECONDS_MAX 600U

void service_policy_free(gpointer data)
{
    ServicePolicy *policy = data;

    g_free(policy->name);
    g_free(policy);
}

static gboolean read_number(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    static const char *const words[] = {"auto", "always", "never", NULL};
    guint place = 0;

    if (!config_find_word(value->text, words, &place)) {
        return config_refuse(error, "this is auto, always or never");
    }
    *(ServiceNumber *)((guint8 *)target + offset) = (ServiceNumber)place;
    return TRUE;
}

static gboolean
read_timeout(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    guint seconds = 0;

    if (!config_read_count(value, &seconds, 0, error)) {
        return FALSE;
    }
    if (seconds < TIMEOUT_SECONDS_MIN || seconds > TIMEOUT_SECONDS_MAX) {
        return config_refuse(error, "this is 10 to 600 seconds");
    }
    *(guint *)((guint8 *)target + offset) = seconds;
    return TRUE;
}

static gboolean
read_methods(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    ServicePolicy *policy = target;
    g_auto(GStrv) words = g_strsplit_set(value->text, " \t", -1);

    (void)offset;
    policy->code = policy->device = FALSE;
    for (char **word = words; *word; word++) {
        gboolean *method = g_str_equal(*word, "code")     ? &policy->code
                           : g_str_equal(*word, "device") ? &policy->device
                                                          : NULL;
        if (**word && (!method || *method)) {
            return config_refuse(error, "this names device, code, or both, each once");
        }
        if (method) {
            *method = TRUE;
        }
    }
    return policy->code || policy->device ||
           config_refuse(error, "this names device, code, or both");
}

/* What these give is more than their caller has, so only root asks for them. */
static gboolean is_for_root(const char *name)
{
    static const char *const names[] = {"sudo",     "su",    "runuser", "runuser-l", "doas",
                                        "polkit-1", "login", "sshd",    "remote",    NULL};
    g_autofree char *lower = g_ascii_strdown(name, -1); /* as libpam takes it */

    return g_strv_contains(names, service_base_name(lower));
}

static gboolean
read_unprivileged(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    const ServicePolicy *policy = target;

    if (!config_read_boolean(value, target, offset, error)) {
        return FALSE;
    }
    return !policy->unprivileged || !is_for_root(policy->name) ||
           config_refuse(error, "only root may ask for this service, so this can't be yes");
}

static gboolean
read_reauthentication(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    const ServicePolicy *policy = target;
    guint seconds = 0;

    if (!g_str_equal(policy->name, KNOWN_KEY_SERVICE)) {
        return config_refuse(
            error, "only [service sshd] has it: no other service is told which key was accepted");
    }
    if (!config_read_count(value, &seconds, 0, error)) {
        return FALSE;
    }
    if (seconds > KNOWN_KEY_SECONDS_MAX) {
        return config_refuse(error, "this is at most 43200 seconds (12 hours); 0 is never");
    }
    *(guint *)((guint8 *)target + offset) = seconds;
    return TRUE;
}

static const ConfigKey service_keys[] = {
    {"methods", read_methods, 0},
    {"timeout", read_timeout, offsetof(ServicePolicy, timeout)},
    {"completion_number", read_number, offsetof(ServicePolicy, number)},
    {"unprivileged", read_unprivileged, offsetof(ServicePolicy, unprivileged)},
    {"reauthenticate_after", read_reauthentication, offsetof(ServicePolicy, reauthenticate_after)},
    {NULL, NULL, 0},
};

static gpointer
service_target(gpointer data, const char *name, const ConfigValue *where, GError **error)
{
    CoreConfig *config = data;
    ServicePolicy *policy = (ServicePolicy *)core_config_service(config, name);

    (void)where;
    if (strlen(name) > CONFIG_NAME_CHARS_MAX || strspn(name, SERVICE_NAME_CHARS) != strlen(name) ||
        !*name || *name == '.') {
        (void)config_refuse(error, "this is no name of a PAM service");
        return NULL;
    }
    if (!policy) {
        policy = g_new0(ServicePolicy, 1);
        *policy = (ServicePolicy){.name = g_strdup(name), .code = TRUE, .device = TRUE};
        g_ptr_array_add(config->services, policy);
    }
    return policy;
}

ConfigSection core_config_service_section(CoreConfig *config)
{
    return (ConfigSection){"service *", service_keys, service_target, config};
}

gboolean core_config_check_services(const CoreConfig *config, GError **error)
{
    for (guint i = 0; i < config->services->len; i++) {
        const ServicePolicy *policy = config->services->pdata[i];
        if (!service_can_ask(policy->name)) {
            g_set_error(
                error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
                "[service %s]: this service can't ask a person", policy->name);
            return FALSE;
        }
        if (policy->reauthenticate_after > 0 && !policy->device) {
            g_set_error(
                error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
                "[service %s] reauthenticate_after: it begins with an approval on the page, and "
                "methods leaves that out",
                policy->name);
            return FALSE;
        }
    }
    return TRUE;
}

const ServicePolicy *core_config_service(const CoreConfig *config, const char *name)
{
    for (guint i = 0; i < config->services->len; i++) {
        const ServicePolicy *policy = config->services->pdata[i];
        if (g_str_equal(policy->name, name)) {
            return policy;
        }
    }
    return NULL;
}
