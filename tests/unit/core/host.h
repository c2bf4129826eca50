/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* host.h - for tests of device: a host with sshd enabled, alice linked to the local user alice, and
 * bob without a link */

#include "core/device.h"

#include "house.h"

#define LIFE_USEC (100 * USEC_PER_SEC)

typedef struct Host {
    House *house;
    Caller root; /* the bus */
    Caller alice, bob;
    const char *remote;    /* of the next conversation; at first where the browsers are */
    const char *service;   /* of the next conversation; at first sshd */
    const char *terminal;  /* of the next conversation; at first "pts/1" */
    const char *asker;     /* of the next conversation; NULL: nobody is named */
    const char *auth_info; /* of the next conversation; NULL: sshd has accepted no key */
    gboolean privileged;
    gboolean superuser;
    gint64 elapsed_usec; /* since the first code of the next conversation's sign-in */
} Host;

void host_open(Host *host);
void host_close(Host *host);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Host, host_close)

/* Enables one more service. */
void host_enable(Host *host, const char *service);
/* Links an account to a local user, for all services that are enabled. */
void host_link(Host *host, const char *user, const char *email);

/* A conversation for a local user; host_opened() fails the test when it is refused. */
Outcome host_try_open(Host *host, const char *user, DeviceOpenAnswer *ret_answer);
DeviceOpenAnswer host_opened(Host *host, const char *user);
void opened_clear(DeviceOpenAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeviceOpenAnswer, opened_clear)

/* The account phase; clear the answer by house_clear(). */
Outcome
host_account(Host *host, const char *service, const char *user, DeviceAccountAnswer *ret_answer);

/* The page. The form token is the session's, whatever the code. */
char *host_form_token(Host *host, const Caller *caller);
Outcome host_look(Host *host, const Caller *caller, const char *code, DeviceLookAnswer *ret_answer);
/* *ret_number: (out) (optional) (transfer full) */
Reason host_decide(
    Host *host,
    const Caller *caller,
    const char *code,
    gboolean approved,
    char **ret_number);

/* The prompt. */
void host_denied(Host *host, const Id *id, const char *typed, Reason wanted);
void host_outcome_is(Host *host, const Id *id, const char *typed, Outcome wanted);
