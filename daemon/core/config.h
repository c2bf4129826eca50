/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* core/config.h - what the configuration says about tenants, this host and its services */

#include "base/config.h"
#include "core/tenant.h"

typedef enum ServiceNumber { NUMBER_AUTO, NUMBER_ALWAYS, NUMBER_NEVER } ServiceNumber;

/* Whether text for sshd goes in a call of its own; AUTO: not, which all sshds understand. */
typedef enum SshInfo { SSH_INFO_AUTO, SSH_INFO_AT_ONCE, SSH_INFO_WITH_PROMPT } SshInfo;

typedef struct ServicePolicy {
    char *name;      /* of the PAM service */
    gboolean code;   /* methods: one-time codes */
    gboolean device; /* methods: device conversation; the default is both */
    guint timeout;   /* seconds; 0: the service's own default of pam.md */
    ServiceNumber number;
    gboolean unprivileged;
    guint reauthenticate_after; /* seconds; 0: never without asking */
} ServicePolicy;

typedef struct CoreConfig {
    GPtrArray *tenants;  /* of Tenant */
    GPtrArray *services; /* of ServicePolicy, those of the file */
    char *host_name;     /* [pam] host_name; default: the machine's */
    char *pam_tenant;    /* [pam] tenant; default: the only one */
    SshInfo ssh_immediate_info;
} CoreConfig;

CoreConfig *core_config_new(void);
void core_config_free(CoreConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CoreConfig, core_config_free)

/* The sections "tenant *", "pam", "service *", ended by a NULL name, for config_load(); (transfer
 * full), g_free(). @config must outlive the load. */
ConfigSection *core_config_sections(CoreConfig *config);

/* What only the whole can tell: one tenant at least, hosts differ, issuers are sound, pam tenant
 * known. */
gboolean core_config_check(CoreConfig *config, GError **error);

const Tenant *
core_config_tenant(const CoreConfig *config, const char *name); /* NULL when unknown */
const Tenant *
core_config_tenant_of_host(const CoreConfig *config, const char *host); /* Host header, any case */
gboolean core_config_is_https(const CoreConfig *config);                /* every issuer */
const Tenant *core_config_pam_tenant(const CoreConfig *config);
const ServicePolicy *core_config_service(const CoreConfig *config, const char *name);
