/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * courier.h - the one HTTP client for addresses that strangers gave
 *
 * https only. A name is resolved once; all its addresses must be public (core/foreign-address.h),
 * and it connects to one of them and to nothing else. No redirect is followed; no proxy, cookie,
 * .netrc or other connection is used. A request is over after COURIER_USEC, name look-up included;
 * of an answer COURIER_HEAD_BYTES_MAX and COURIER_BODY_BYTES_MAX are read. COURIER_AT_ONCE requests
 * run side by side, each in a worker: what is slow holds up nobody else.
 *
 * A Courier belongs to the default main context, and is used there.
 *
 * Source: rows H1 to H4 of the attacks.
 */

#include "base/config.h"
#include "jobs/lookup.h"

#define COURIER_USEC           (10 * G_USEC_PER_SEC)
#define COURIER_AT_ONCE        32U
#define COURIER_HEAD_BYTES_MAX ((gsize)16 * 1024)
#define COURIER_BODY_BYTES_MAX ((gsize)4 * 1024)

typedef struct CourierOptions {
    /* (nullable): a file of CA certificates that are trusted, and no others; loopback counts as
     * public. Only in a build with -Dtest_loopback=true: elsewhere it ends the process. */
    const char *test_ca;
    gint64 usec;           /* 0: COURIER_USEC */
    LookupResolve resolve; /* (nullable) */
    gpointer resolve_data;
} CourierOptions;

typedef struct CourierRequest {
    const char *url;  /* untrusted */
    const char *type; /* Content-Type of a POST; NULL: a GET */
    GBytes *body;     /* of a POST */
} CourierRequest;

typedef struct CourierAnswer {
    guint status;
    GBytes *body;
    gboolean cut; /* there was more of it */
} CourierAnswer;

/**
 * CourierDone - what became of a request
 * @answer: (nullable): of any status, so of a redirect too; NULL with @error, words for the log
 * that name the host
 */
typedef void (*CourierDone)(const CourierAnswer *answer, const GError *error, gpointer data);

/* [courier]: only a build with -Dtest_loopback=true has it; in others it is unknown, like any
 * section that is none, and refuses to start. */
typedef struct CourierConfig {
    char *test_ca;
} CourierConfig;

/* FALSE: there is no such section. */
gboolean courier_config_section(CourierConfig *config, ConfigSection *ret_section);
void courier_config_clear(CourierConfig *config);

typedef struct Courier Courier;

/* @options: (nullable): copied but for resolve_data */
Courier *courier_new(const CourierOptions *options);
/* Gives up what is under way, within a second: its done function is not called. NULL is fine. */
void courier_free(Courier *courier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Courier, courier_free)

/* How many requests may be handed over now that need not wait for others. */
guint courier_room(const Courier *courier);

/* @request: copied. @done is called in the main context, never before this returns. */
void courier_send(Courier *courier, const CourierRequest *request, CourierDone done, gpointer data);
