/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/error.h"
#include "core/service.h"

#include "house.h"

static void configure(House *house, const char *name)
{
    ServicePolicy *policy = g_new0(ServicePolicy, 1);

    policy->name = g_strdup(name);
    g_ptr_array_add(house->config->services, policy);
}

static Reason run(House *house, const ActType *act, const char *name)
{
    const Caller caller = house_caller(house, CALLER_BUS);
    const ServiceAsked asked = {&caller, name};
    PlainAnswer answer;
    Outcome outcome = house_run(house, act, &asked, &answer);

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.reason == REASON_NONE);
    return answer.reason;
}

/* Its app; none when the service is off. */
static Id app_of(House *house, const char *name)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(Service) service = NULL;

    g_assert_true(service_find(txn, house->config, name, &service, NULL));
    house_commit(txn);
    return service ? service->app : ID_NONE;
}

static void a_service_is_on_between_enable_and_disable(void)
{
    g_autoptr(House) house = house_new();

    g_assert_cmpint(run(house, &service_disable_act, "sshd"), ==, REASON_NOT_FOUND);
    g_assert_cmpint(run(house, &service_enable_act, "sshd"), ==, REASON_NONE);
    g_assert_cmpint(run(house, &service_enable_act, "sshd"), ==, REASON_EXISTS);
    const Id app = app_of(house, "sshd");
    g_assert_false(id_is_none(&app));
    g_assert_cmpint(run(house, &service_disable_act, "sshd"), ==, REASON_NONE);
    const Id off = app_of(house, "sshd");
    g_assert_true(id_is_none(&off));
    g_assert_cmpint(run(house, &service_enable_act, "sshd"), ==, REASON_NONE);
    const Id again = app_of(house, "sshd");
    g_assert_true(id_equal(&app, &again)); /* people keep their slugs */
}

static void services_that_can_ask_nobody_are_refused(void)
{
    static const char *const bad[] = {"cron", "atd", "systemd-user", "",          ".",  "../sshd",
                                      "-x",   "a b", "a/b",          "s\xc3\xa4", "a\n"};
    g_autoptr(House) house = house_new();

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(run(house, &service_enable_act, bad[i]), ==, REASON_BAD_REQUEST);
        const Id app = app_of(house, bad[i]);
        g_assert_true(id_is_none(&app));
    }
    g_autofree char *long_one = g_strnfill(65, 'a');
    g_assert_cmpint(run(house, &service_enable_act, long_one), ==, REASON_BAD_REQUEST);
}

static void sudo_i_and_su_l_are_sudo_and_su(void)
{
    g_autoptr(House) house = house_new();

    g_assert_cmpint(run(house, &service_enable_act, "sudo-i"), ==, REASON_NONE);
    const Id sudo = app_of(house, "sudo");
    const Id sudo_i = app_of(house, "sudo-i");
    g_assert_false(id_is_none(&sudo));
    g_assert_true(id_equal(&sudo, &sudo_i));
    g_assert_cmpstr(service_base_name("su-l"), ==, "su");
    g_assert_cmpstr(service_base_name("su-x"), ==, "su-x");
}

static void a_configured_service_is_on_and_read_only(void)
{
    g_autoptr(House) house = house_new();

    configure(house, "sshd");
    const Id first = app_of(house, "sshd");
    const Id second = app_of(house, "sshd");
    g_assert_false(id_is_none(&first));
    g_assert_true(id_equal(&first, &second));
    g_assert_cmpint(run(house, &service_enable_act, "sshd"), ==, REASON_READ_ONLY);
    g_assert_cmpint(run(house, &service_disable_act, "sshd"), ==, REASON_READ_ONLY);
}

static gboolean check(House *house)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GError) error = NULL;
    gboolean good = service_check_config(txn, house->config, &error);

    g_assert_cmpint(good, ==, error == NULL);
    if (good) {
        house_commit(txn);
    }
    return good;
}

static void a_service_in_file_and_store_refuses_to_start(void)
{
    g_autoptr(House) house = house_new();

    g_assert_cmpint(run(house, &service_enable_act, "sshd"), ==, REASON_NONE);
    g_assert_true(check(house));
    configure(house, "login");
    g_assert_true(check(house));
    g_assert_true(check(house));
    configure(house, "sshd");
    g_assert_false(check(house));
}

static void a_configured_cron_refuses_to_start(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(core_config_check(house->config, &error));
    configure(house, "cron");
    g_assert_false(core_config_check(house->config, &error));
    g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG);
}

static void every_endpoint_of_apps_takes_a_service_for_unknown(void)
{
    g_autoptr(House) house = house_new();
    char client_id[ID_TEXT_CHARS + 1];
    g_autoptr(App) app = NULL;

    g_assert_cmpint(run(house, &service_enable_act, "sshd"), ==, REASON_NONE);
    const Id id = app_of(house, "sshd");
    id_to_text(&id, client_id);
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_assert_true(app_find(txn, client_id, &app, NULL));
    g_assert_null(app);
    house_commit(txn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/service/on-off", a_service_is_on_between_enable_and_disable);
    g_test_add_func("/core/service/names", services_that_can_ask_nobody_are_refused);
    g_test_add_func("/core/service/base", sudo_i_and_su_l_are_sudo_and_su);
    g_test_add_func("/core/service/configured", a_configured_service_is_on_and_read_only);
    g_test_add_func("/core/service/both", a_service_in_file_and_store_refuses_to_start);
    g_test_add_func("/core/service/cron", a_configured_cron_refuses_to_start);
    g_test_add_func("/core/service/no-client", every_endpoint_of_apps_takes_a_service_for_unknown);
    return g_test_run();
}
