/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* tenant.h - an organisation with its own issuer, as the configuration names it */

#include <glib.h>

/* The hard limits that have a name; the order of limit_names[]. */
typedef enum LimitName {
    LIMIT_LINK_ADDRESS = 0, /* asking for a link: of one email address */
    LIMIT_LINK_CLIENT,      /* asking for a link: of one client address */
    LIMIT_CODE_TRIES,       /* codes typed: of one client address */
    LIMIT_TOKEN_CLIENT,
    LIMIT_TOKEN_APP,
    LIMIT_TOKEN_CHAIN,
    LIMIT_DEVICE_CLIENT,
    LIMIT_USER_CODE,
    LIMIT_KEY_EXCHANGE,
    LIMIT_OTP_CLIENT,
    LIMIT_OTP_USER,
    LIMIT_PUSH_CLIENT,     /* pushed authorization requests: of one client address */
    LIMIT_REGISTER_CLIENT, /* apps that register themselves: of one client address */
    LIMIT_OTP_FIRST, /* one-time codes typed when the user's budget is spent: of one address */
    LIMIT_UNPRIVILEGED_USER, /* prompts of programs that are not root: of one local user */
    LIMIT_OWN_LINK,          /* people asking for a link to their local user: of one local user */
    LIMIT_KNOWN_KEY,         /* sign-ins by an ssh key without asking: of one key and user */
    _LIMIT_MAX,
} LimitName;

typedef struct LimitRate {
    guint count;   /* at once, and then as many in each @seconds */
    guint seconds; /* 1 to 86400 */
} LimitRate;

typedef struct Tenant {
    char *name;             /* [tenant NAME] */
    char *issuer;           /* https://HOST[:PORT], no trailing slash; http only for loopback */
    char *host;             /* HOST[:PORT] as in a Host header, lower case */
    char *display_name;     /* shown to people */
    char *security_contact; /* a URI, for security.txt; NULL: none */
    gboolean loopback;      /* issuer on localhost, 127.0.0.1, ::1 */
    gboolean https;
    gboolean sign_up_open;
    gboolean registration_open; /* apps may register themselves */
    LimitRate limits[_LIMIT_MAX];
} Tenant;

/* With the default limits, and nothing else but the name. */
Tenant *tenant_new(const char *name);
void tenant_free(Tenant *tenant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tenant, tenant_free)

/**
 * tenant_set_issuer() - take an issuer apart: fills in issuer, host, https, loopback
 *
 * Returns: NULL, or what is wrong with it (static words).
 */
const char *tenant_set_issuer(Tenant *tenant, const char *issuer);

/* A mailto:, https: or tel: URI (RFC 9116 2.5.3). NULL, or what is wrong with it (static words). */
const char *tenant_set_security_contact(Tenant *tenant, const char *uri);

/* Reads NAME:COUNT/SECONDS. NULL, or what is wrong with it (static words). */
const char *tenant_set_limit(Tenant *tenant, const char *text);

/* What is wrong with a limit for an issuer outside loopback: words that name it, (transfer full),
 * or NULL. A limit may let through 20 times its default, or a twentieth of it, no more, no less. */
char *tenant_limit_problem(const Tenant *tenant);

/* Whether others spend of the same budget (an email address's, an app's), so that what is left of
 * it is nobody's business. */
gboolean limit_is_shared(LimitName name);

/* As in the configuration; static. */
const char *limit_name(LimitName name);
