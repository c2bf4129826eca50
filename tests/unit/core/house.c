/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "house.h"

#include "crypto/kek.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static guint64 last_point;

static gint64 house_usec(gpointer data)
{
    return ((const House *)data)->now_usec;
}

static void store_failed(const GError *error, gpointer data)
{
    (void)data;
    g_error("the store failed: %s", error->message);
}

static Tenant *add_tenant(House *house, const char *name, const char *issuer)
{
    Tenant *tenant = tenant_new(name);

    tenant->display_name = g_strdup(name);
    g_assert_null(tenant_set_issuer(tenant, issuer));
    g_ptr_array_add(house->config->tenants, tenant);
    return tenant;
}

static Store *open_store(House *house)
{
    static const char *const tenants[] = {HOUSE_TENANT, HOUSE_OTHER_TENANT, NULL};
    const guint8 bytes[KEK_BYTES] = {7};
    g_autoptr(Kek) kek = kek_from_bytes(bytes);
    g_autoptr(GError) error = NULL;
    const StoreOptions options = {
        .dir = house->dir,
        .kek = kek,
        .clock = &house->clock,
        .tenants = tenants,
        .failed = store_failed,
    };
    Store *store = store_open(&options, &error);

    g_assert_no_error(error);
    return store;
}

House *house_new(void)
{
    House *house = g_new0(House, 1);
    g_autoptr(GError) error = NULL;

    house->dir = g_dir_make_tmp("antara-house-XXXXXX", &error);
    g_assert_no_error(error);
    house->now_usec = HOUSE_START_USEC;
    house->clock = (Clock){house_usec, house_usec, house};
    house->config = core_config_new();
    house->tenant = add_tenant(house, HOUSE_TENANT, "https://id.acme.example");
    Tenant *other = add_tenant(house, HOUSE_OTHER_TENANT, "http://localhost:8080");
    other->sign_up_open = TRUE;
    house->other = other;
    house->store = open_store(house);
    return house;
}

static void remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        g_assert_cmpint(g_unlink(inside), ==, 0);
    }
    g_assert_cmpint(g_rmdir(path), ==, 0);
}

void house_free(House *house)
{
    g_autoptr(GError) error = NULL;

    if (!house) {
        return;
    }
    g_assert_true(store_close(house->store, &error));
    core_config_free(house->config);
    remove_dir(house->dir);
    g_free(house->dir);
    g_free(house);
}

/* In the child: does not return. */
static void work_and_die(House *house, HouseWork work, gpointer data)
{
    house->store = open_store(house);
    work(house, data);
    while (store_durable_point(house->store) < last_point) {
        g_usleep(1000);
    }
    (void)kill(getpid(), SIGKILL);
}

void house_killed_after(House *house, HouseWork work, gpointer data)
{
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_assert_true(store_close(house->store, &error));
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        work_and_die(house, work, data);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    house->store = open_store(house);
}

void house_advance(House *house, gint64 usec)
{
    house->now_usec += usec;
}

Txn *house_begin(House *house, const Tenant *tenant)
{
    g_autoptr(GError) error = NULL;
    Txn *txn = txn_begin(house->store, tenant->name, &error);

    g_assert_no_error(error);
    return txn;
}

void house_commit(Txn *txn)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(txn_commit(txn, &last_point, &error), ==, TXN_COMMITTED);
    g_assert_no_error(error);
}

Outcome house_run(House *house, const ActType *act, gconstpointer asked, gpointer ret_answer)
{
    const Caller *caller = *(const Caller *const *)asked;
    g_autoptr(Txn) txn = house_begin(house, caller->tenant);
    g_autoptr(GError) error = NULL;

    memset(ret_answer, 0, act->answer_size);
    Outcome outcome = act->run(txn, asked, ret_answer, &error);
    g_assert_no_error(error);
    g_assert_cmpint(outcome, !=, OUTCOME_BROKEN);
    house_commit(txn);
    return outcome;
}

void house_clear(const ActType *act, gpointer answer)
{
    if (act->answer_clear) {
        act->answer_clear(answer);
    }
    memset(answer, 0, act->answer_size);
}

Caller house_caller(const House *house, CallerKind kind)
{
    return (Caller){
        .kind = kind,
        .tenant = house->tenant,
        .address = "192.0.2.1",
        .agent = "Firefox on Linux",
        .config = house->config,
    };
}
