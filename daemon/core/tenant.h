/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* tenant.h - an organisation with its own issuer, as the configuration names it */

#include <glib.h>

typedef struct Tenant {
    char *name;         /* [tenant NAME] */
    char *issuer;       /* https://HOST[:PORT], no trailing slash; http only for loopback */
    char *host;         /* HOST[:PORT] as in a Host header, lower case */
    char *display_name; /* shown to people */
    char *security_contact;
    gboolean loopback; /* issuer on localhost, 127.0.0.1, ::1 */
    gboolean https;
    gboolean sign_up_open;
} Tenant;

void tenant_free(Tenant *tenant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tenant, tenant_free)
