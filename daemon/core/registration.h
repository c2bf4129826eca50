/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * registration.h - apps that register themselves (RFC 7591), where the tenant lets them
 *
 * Such an app has no secret, and nobody knows who it is: until an administrator has verified it,
 * people see the host it returns to before its name, it may not begin a device grant, and unused
 * for REGISTRATION_IDLE_USEC it goes. Nothing that it names is ever fetched.
 */

#include "core/app.h"

#define REGISTRATION_IDLE_USEC (30 * USEC_PER_DAY)
#define REGISTRATIONS_MAX      1000U /* of a tenant, not verified, at once */

/* The metadata as sent (RFC 7591 2): untrusted; NULL when absent. */
typedef struct RegistrationAsked {
    const Caller *caller;
    const char *client_name; /* absent: the host of the first redirect URI */
    const char *const *redirect_uris;
    const char *scope;
    const char *application_type; /* web, native */
    const char *token_endpoint_auth_method;
    const char *const *grant_types;
    const char *const *response_types;
    const char *subject_type;
    const char *id_token_signed_response_alg;
    const char *const *post_logout_redirect_uris;
    const char *backchannel_logout_uri;
    const char *policy_uri;
    const char *tos_uri;
    const char *logo_uri;
    const char *software_statement;
} RegistrationAsked;

typedef struct RegistrationAnswer {
    Reason reason;           /* CLIENT_METADATA, CLIENT_REDIRECT, SOFTWARE_STATEMENT, TOO_MANY */
    const char *description; /* static words in the RFC's characters */
    App *app;
} RegistrationAnswer;

/* What is wrong with it is told before a budget is charged; budgets are the address's, and that of
 * all together. */
ACT_DECLARE(registration_add, RegistrationAsked, RegistrationAnswer);

/**
 * registration_problem() - may an app be registered so?
 * @ret_settings: (out): what of it is an app's; borrows from @asked
 *
 * Source: RFC 7591 2, OpenID Connect Dynamic Client Registration 2.
 * Returns: NULL, or what is wrong (static words), and @ret_reason.
 */
const char *
registration_problem(const RegistrationAsked *asked, AppAsked *ret_settings, Reason *ret_reason);

/* Notes that @app was used, at most once a day; for any other app it does nothing. */
gboolean registration_touch(Txn *txn, const App *app, GError **error);

/* Puts @app among those that may go, or takes it out: it was registered, verified, or removed. */
gboolean registration_settle(Txn *txn, const App *app, gboolean may_go, GError **error);

typedef struct SweepAsked {
    const Caller *caller;
    Id after; /* where the last sweep ended; none begins */
} SweepAsked;

typedef struct SweepAnswer {
    Reason reason;
    Id after; /* none: it came to the end */
    guint removed;
} SweepAnswer;

/* Removes some that were unused for too long, unless the clock leapt a moment ago. */
ACT_DECLARE(registration_sweep, SweepAsked, SweepAnswer);
