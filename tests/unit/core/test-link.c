/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/account.h"
#include "core/link.h"

#include "people.h"
#include "store/list.h"

typedef struct Host {
    House *house;
    Caller root, alice, bob;
} Host;

static void enable(Host *host, const char *name)
{
    const ServiceAsked asked = {&host->root, name};
    PlainAnswer answer;

    g_assert_cmpint(
        house_run(host->house, &service_enable_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

static void host_open(Host *host)
{
    host->house = house_new();
    host->root = house_caller(host->house, CALLER_BUS);
    enable(host, "sshd");
    enable(host, "sudo");
    host->alice = people_sign_in(host->house, "alice@example.org");
    host->bob = people_sign_in(host->house, "bob@example.org");
}

static void host_close(Host *host)
{
    caller_clear(&host->alice);
    caller_clear(&host->bob);
    house_free(host->house);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Host, host_close)

static Reason add(Host *host, const char *user, const char *email, const char *const *services)
{
    const LinkAsked asked = {
        .caller = &host->root, .local_user = user, .email = email, .services = services};
    LinkAnswer answer;
    Outcome outcome = house_run(host->house, &link_add_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    house_clear(&link_add_act, &answer);
    return reason;
}

static Reason take_away(Host *host, const char *user, const char *const *services)
{
    const LinkAsked asked = {.caller = &host->root, .local_user = user, .services = services};
    PlainAnswer answer;

    house_run(host->house, &link_remove_act, &asked, &answer);
    return answer.reason;
}

static Id find(Host *host, const Caller *person, const char *service, const char *user)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    Id identity = ID_NONE;

    g_assert_true(link_find(txn, &person->account->id, service, user, &identity, NULL));
    house_commit(txn);
    return identity;
}

static gboolean may(Host *host, const Caller *person, const char *service, const char *user)
{
    const Id identity = find(host, person, service, user);

    return !id_is_none(&identity);
}

static guint listed(Host *host)
{
    const LinkAsked asked = {.caller = &host->root};
    LinkAnswer answer;

    g_assert_cmpint(house_run(host->house, &link_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    guint rows = answer.rows->len;
    house_clear(&link_list_act, &answer);
    return rows;
}

static void a_link_is_of_one_account_one_user_and_the_named_services(void)
{
    static const char *const sshd[] = {"sshd", NULL};
    g_auto(Host) host = {0};
    host_open(&host);

    g_assert_cmpint(add(&host, "alice", "alice@example.org", sshd), ==, REASON_NONE);
    g_assert_true(may(&host, &host.alice, "sshd", "alice"));
    g_assert_false(may(&host, &host.alice, "sudo", "alice"));
    g_assert_false(may(&host, &host.alice, "sshd", "bob"));
    g_assert_false(may(&host, &host.alice, "sshd", "Alice"));
    g_assert_false(may(&host, &host.alice, "sshd", ""));
    g_assert_false(may(&host, &host.bob, "sshd", "alice"));
}

static void without_names_all_that_are_enabled_are_covered_each_by_its_own_identity(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    g_assert_cmpint(add(&host, "alice", "alice@example.org", NULL), ==, REASON_NONE);
    enable(&host, "login");
    const Id sshd = find(&host, &host.alice, "sshd", "alice");
    const Id sudo = find(&host, &host.alice, "sudo-i", "alice");
    g_assert_false(id_is_none(&sshd));
    g_assert_false(id_is_none(&sudo));
    g_assert_false(id_equal(&sshd, &sudo));
    g_assert_false(may(&host, &host.alice, "login", "alice")); /* enabled later */
}

static void what_can_be_no_link_is_refused(void)
{
    static const char *const off[] = {"login", NULL};
    static const char *const users[] = {
        NULL,
        "",
        "-x",
        "a:b",
        "a/b",
        "a b",
        "a\nb",
        "a\x1b",
        "\xff",
        "\xe2\x80\xae"
        "ecila"};
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *long_one = g_strnfill(LINK_USER_BYTES_MAX + 1, 'a');

    for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
        g_assert_cmpint(add(&host, users[i], "alice@example.org", NULL), ==, REASON_BAD_REQUEST);
    }
    g_assert_cmpint(add(&host, long_one, "alice@example.org", NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(add(&host, "alice", "nobody@example.org", NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(add(&host, "alice", "no address", NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(add(&host, "alice", NULL, NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(add(&host, "alice", "alice@example.org", off), ==, REASON_SERVICE_OFF);
    g_assert_cmpuint(listed(&host), ==, 0);
}

static guint identities_of(Host *host, const Caller *person)
{
    const ListName name = {LIST_IDENTITIES_OF_ACCOUNT, person->account->id.bytes, ID_BYTES};
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, 10, NULL);

    return ids->len;
}

static void a_refused_link_leaves_nothing_behind_and_takes_nothing_away(void)
{
    static const char *const half[] = {"sudo", "nothing", NULL};
    static const char *const sshd[] = {"sshd", NULL};
    g_auto(Host) host = {0};

    host_open(&host);
    g_assert_cmpint(add(&host, "alice", "alice@example.org", half), ==, REASON_SERVICE_OFF);
    g_assert_cmpuint(identities_of(&host, &host.alice), ==, 0);
    g_assert_cmpint(add(&host, "alice", "alice@example.org", sshd), ==, REASON_NONE);
    g_assert_cmpint(add(&host, "alice", "alice@example.org", half), ==, REASON_SERVICE_OFF);
    g_assert_true(may(&host, &host.alice, "sshd", "alice"));
    g_assert_cmpuint(identities_of(&host, &host.alice), ==, 1);
}

static void a_second_link_of_the_same_two_replaces_the_first(void)
{
    static const char *const sudo[] = {"sudo", NULL};
    g_auto(Host) host = {0};
    host_open(&host);

    g_assert_cmpint(add(&host, "alice", "alice@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpint(add(&host, "alice", "bob@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpuint(listed(&host), ==, 2);
    g_assert_cmpint(add(&host, "alice", "alice@example.org", sudo), ==, REASON_NONE);
    g_assert_cmpuint(listed(&host), ==, 2);
    g_assert_false(may(&host, &host.alice, "sshd", "alice"));
    g_assert_true(may(&host, &host.alice, "sudo", "alice"));
    g_assert_true(may(&host, &host.bob, "sshd", "alice"));
}

static void services_are_taken_away_one_by_one_or_all(void)
{
    static const char *const sudo[] = {"sudo-i", NULL};
    g_auto(Host) host = {0};
    host_open(&host);

    g_assert_cmpint(add(&host, "alice", "alice@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpint(take_away(&host, "alice", sudo), ==, REASON_NONE);
    g_assert_cmpint(take_away(&host, "alice", sudo), ==, REASON_NOT_FOUND);
    g_assert_false(may(&host, &host.alice, "sudo", "alice"));
    g_assert_true(may(&host, &host.alice, "sshd", "alice"));
    g_assert_cmpint(take_away(&host, "carol", NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(take_away(&host, "alice", NULL), ==, REASON_NONE);
    g_assert_false(may(&host, &host.alice, "sshd", "alice"));
    g_assert_cmpuint(listed(&host), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/link/one", a_link_is_of_one_account_one_user_and_the_named_services);
    g_test_add_func(
        "/core/link/all", without_names_all_that_are_enabled_are_covered_each_by_its_own_identity);
    g_test_add_func("/core/link/refused", what_can_be_no_link_is_refused);
    g_test_add_func(
        "/core/link/refused-whole", a_refused_link_leaves_nothing_behind_and_takes_nothing_away);
    g_test_add_func("/core/link/replaced", a_second_link_of_the_same_two_replaces_the_first);
    g_test_add_func("/core/link/removed", services_are_taken_away_one_by_one_or_all);
    return g_test_run();
}
