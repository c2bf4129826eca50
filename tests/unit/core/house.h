/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* house.h - for tests of core: a real store in a directory of its own, two tenants, a clock that
 * the test sets */

#include "core/act.h"
#include "core/config.h"

#define HOUSE_TENANT       "acme"  /* https://id.acme.example, sign-up by invitation */
#define HOUSE_OTHER_TENANT "other" /* http://localhost:8080, sign-up open */
#define HOUSE_START_USEC   (G_GINT64_CONSTANT(1700000000) * USEC_PER_SEC)

typedef struct House {
    char *dir;
    CoreConfig *config;
    Store *store;
    Clock clock;
    gint64 now_usec;
    const Tenant *tenant; /* HOUSE_TENANT */
    const Tenant *other;
} House;

House *house_new(void);
void house_free(House *house);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(House, house_free)

/* Another process has the store meanwhile, does @work, and is killed when that is durable. */
typedef void (*HouseWork)(House *house, gpointer data);
void house_killed_after(House *house, HouseWork work, gpointer data);

/* Both clocks go on. */
void house_advance(House *house, gint64 usec);

/**
 * house_run() - one act in one transaction of the caller's tenant
 * @asked: its first member is the Caller, whose tenant is set
 * @ret_answer: zeroed first; clear it by the act's type, or with house_clear()
 *
 * Commits unless BROKEN, which fails the test.
 */
Outcome house_run(House *house, const ActType *act, gconstpointer asked, gpointer ret_answer);
void house_clear(const ActType *act, gpointer answer);

/* A transaction of a tenant, and its commit; both fail the test when they fail. */
Txn *house_begin(House *house, const Tenant *tenant);
void house_commit(Txn *txn);

/* A caller without credentials, from 192.0.2.1. */
Caller house_caller(const House *house, CallerKind kind);
