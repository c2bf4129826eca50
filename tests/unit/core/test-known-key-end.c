/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-known-key-end.c - what ends a known key, what bounds it, and who sees it */

#include "core/event.h"
#include "core/mute.h"

#include "keys.h"
#include "people.h"

static void remove_link(Host *host, const char *const *services)
{
    const LinkAsked asked = {.caller = &host->root, .local_user = "alice", .services = services};
    PlainAnswer answer;

    g_assert_cmpint(house_run(host->house, &link_remove_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

static void a_link_that_changes_ends_it_for_good(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    static const char *const ftp[] = {"ftp", NULL};

    host_enable(&host, "ftp");
    for (guint i = 0; i < 3; i++) {
        host_link(&host, "alice", "alice@example.org");
        keys_approve(&host, &host.alice, "alice");
        g_assert_true(keys_let_in(&host, "alice"));
        if (i < 2) {
            remove_link(&host, i == 0 ? NULL : ftp);
        }
        host_link(&host, "alice", "alice@example.org"); /* the third time it takes the old place */
        g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
        g_assert_false(keys_let_in(&host, "alice"));
    }
}

static void what_a_shorter_policy_ended_comes_back_by_no_longer_one(void)
{
    g_auto(Host) host = {0};
    ServicePolicy *policy = keys_host(&host);

    keys_approve(&host, &host.alice, "alice");
    policy->reauthenticate_after = 1;
    house_advance(host.house, USEC_PER_SEC);
    host.auth_info = OTHER_KEY;
    keys_approve(&host, &host.alice, "alice");
    policy->reauthenticate_after = LASTS_SECONDS;
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 1);
    g_assert_true(keys_let_in(&host, "alice"));
    host.auth_info = KEY;
    g_assert_false(keys_let_in(&host, "alice"));
}

static void suspend(Host *host, const ActType *act)
{
    const AccountAsked asked = {.caller = &host->root, .id = &host->alice.account->id};
    AccountAnswer answer;

    g_assert_cmpint(house_run(host->house, act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(act, &answer);
}

static void who_was_suspended_since_is_asked(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    EndingPlace place = {0};

    keys_approve(&host, &host.alice, "alice");
    suspend(&host, &account_suspend_act);
    g_assert_false(keys_let_in(&host, "alice"));
    while (people_clear_one(host.house, &place)) {
    }
    suspend(&host, &account_resume_act);
    g_assert_false(keys_let_in(&host, "alice"));
}

static void sign_out(Host *host)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);

    g_assert_true(session_end(txn, host->alice.session, NULL));
    house_commit(txn);
}

static void the_end_of_the_session_that_approved_ends_it(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    keys_approve(&host, &host.alice, "alice");
    g_assert_true(keys_let_in(&host, "alice"));
    sign_out(&host);
    g_assert_false(keys_let_in(&host, "alice"));
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
}

static void who_leaves_the_service_is_asked(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    g_autofree char *token = host_form_token(&host, &host.alice);
    PlainAnswer answer;

    keys_approve(&host, &host.alice, "alice");
    g_autoptr(GPtrArray) rows = keys_rows(&host, &host.alice);
    const MeAsked leave = {
        .caller = &host.alice,
        .form_token = token,
        .target = &((const KnownKey *)rows->pdata[0])->identity};
    g_assert_cmpint(house_run(host.house, &me_leave_act, &leave, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
    g_assert_false(keys_let_in(&host, "alice"));
}

static void while_muted_it_is_asked(void)
{
    g_auto(Host) host = {0};
    keys_host(&host)->reauthenticate_after = 2 * LASTS_SECONDS;
    g_autoptr(Device) device = g_new0(Device, 1);
    gboolean made = FALSE;

    keys_approve(&host, &host.alice, "alice");
    device->host = g_strdup(host.house->config->host_name);
    device->local_user = g_strdup("alice");
    g_autoptr(Txn) txn = house_begin(host.house, host.house->tenant);
    g_assert_true(mute_make(txn, &host.alice.account->id, device, &made, NULL) && made);
    house_commit(txn);
    g_assert_false(keys_let_in(&host, "alice"));
    house_advance(host.house, MUTE_USEC);
    g_assert_true(keys_let_in(&host, "alice"));
}

/* Between the prompt's opening and its end, a few milliseconds later. */
static void what_befalls_meanwhile_counts_at_the_grant(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    keys_approve(&host, &host.alice, "alice");
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_assert_true(device.known);
    remove_link(&host, NULL);
    host_denied(&host, &device.id, NULL, REASON_NO_LINK);
}

static void knocks_of_others_keep_nobody_out_and_a_budget_bounds_him(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    Tenant *tenant = (Tenant *)host.house->tenant;

    keys_approve(&host, &host.alice, "alice");
    host.auth_info = NULL;
    for (guint i = 0; i < tenant->limits[LIMIT_DEVICE_CLIENT].count; i++) {
        g_autofree char *remote = g_strdup_printf("198.51.100.%u", i);
        host.remote = remote;
        DeviceOpenAnswer knock;
        (void)host_try_open(&host, "alice", &knock);
        opened_clear(&knock);
    }
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) locked = host_opened(&host, "alice");
    g_assert_null(locked.user_code);
    host.auth_info = KEY;
    tenant->limits[LIMIT_KNOWN_KEY] = (LimitRate){2, 3600};
    g_assert_true(keys_let_in(&host, "alice"));
    g_assert_true(keys_let_in(&host, "alice"));
    house_advance(host.house, 2 * USEC_PER_MINUTE);
    g_assert_false(keys_let_in(&host, "alice"));
}

static Reason end_it(Host *host, const Caller *caller, const Id *id, const char *token)
{
    const MeAsked asked = {.caller = caller, .target = id, .form_token = token};
    PlainAnswer answer;

    house_run(host->house, &known_key_end_act, &asked, &answer);
    return answer.reason;
}

static void its_person_ends_it_on_the_dashboard_and_nobody_else(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    g_autofree char *alice = host_form_token(&host, &host.alice);
    g_autofree char *bob = host_form_token(&host, &host.bob);

    keys_approve(&host, &host.alice, "alice");
    g_autoptr(GPtrArray) rows = keys_rows(&host, &host.alice);
    const KnownKey *known = rows->pdata[0];
    g_autofree char *shown = ssh_key_show(known->key);
    g_assert_cmpstr(shown, ==, "SHA256:oKvPbn65gCVz9OoxRP8teOv2uGiehE7fOTysKpUzhwc");
    g_assert_cmpstr(known->local_user, ==, "alice");
    g_assert_cmpint(known->until_usec, ==, host.house->now_usec + LASTS_USEC);
    g_assert_cmpint(end_it(&host, &host.bob, &known->id, bob), ==, REASON_NOT_FOUND);
    g_assert_cmpint(end_it(&host, &host.alice, &known->id, bob), ==, REASON_FORM_TOKEN);
    g_assert_cmpint(end_it(&host, &host.alice, &known->identity, alice), ==, REASON_NOT_FOUND);
    g_assert_true(keys_let_in(&host, "alice"));
    g_assert_cmpint(end_it(&host, &host.alice, &known->id, alice), ==, REASON_NONE);
    g_assert_cmpint(end_it(&host, &host.alice, &known->id, alice), ==, REASON_NOT_FOUND);
    g_assert_false(keys_let_in(&host, "alice"));
}

static guint n_listed(Host *host, const char *user)
{
    const KnownKeyAsked asked = {&host->root, user};
    KnownKeyAnswer answer;

    g_assert_cmpint(
        house_run(host->house, &known_key_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    guint n = answer.rows->len;
    house_clear(&known_key_list_act, &answer);
    return n;
}

static void an_administrator_lists_and_ends_those_of_a_user(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    const KnownKeyAsked asked = {&host.root, "alice"};
    PlainAnswer answer;

    host_link(&host, "carol", "alice@example.org");
    keys_approve(&host, &host.alice, "alice");
    keys_approve(&host, &host.alice, "carol");
    g_assert_cmpuint(n_listed(&host, "alice"), ==, 1);
    g_assert_cmpuint(n_listed(&host, "nobody"), ==, 0);
    g_assert_cmpint(
        house_run(host.house, &known_key_end_all_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpint(
        house_run(host.house, &known_key_end_all_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_NOT_FOUND);
    g_assert_cmpuint(n_listed(&host, "alice"), ==, 0);
    g_assert_false(keys_let_in(&host, "alice"));
    g_assert_true(keys_let_in(&host, "carol"));
}

/* Two accounts may be one user: the last approval is the one that counts. */
static void a_key_is_of_the_account_that_approved_last(void)
{
    g_auto(Host) host = {0};
    ServicePolicy *policy = keys_host(&host);

    host_link(&host, "alice", "bob@example.org");
    keys_approve(&host, &host.alice, "alice");
    policy->reauthenticate_after = 0;
    g_assert_false(keys_let_in(&host, "alice"));
    g_auto(DeviceOpenAnswer) again = host_opened(&host, "alice");
    policy->reauthenticate_after = LASTS_SECONDS;
    keys_fresh(&host, &host.bob);
    g_assert_cmpint(host_decide(&host, &host.bob, again.user_code, TRUE, NULL), ==, REASON_NONE);
    host_outcome_is(&host, &again.id, "", OUTCOME_GRANTED);
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
    g_assert_cmpuint(keys_count(&host, &host.bob), ==, 1);
    sign_out(&host); /* alice */
    g_assert_true(keys_let_in(&host, "alice"));
}

/* Keys of one byte more each. */
static char *key_of(guint number)
{
    guint8 blob[] = "\0\0\0\13ssh-ed25519\0\0\0\1?";
    const gsize size = sizeof(blob) - 1;

    blob[size - 1] = (guint8)number;
    g_autofree char *text = g_base64_encode(blob, size);
    return g_strdup_printf("publickey ssh-ed25519 %s\n", text);
}

static void an_account_has_so_many_and_the_one_that_ends_soonest_makes_room(void)
{
    g_auto(Host) host = {0};
    keys_host(&host)->reauthenticate_after = KNOWN_KEY_SECONDS_MAX;
    const guint n = KNOWN_KEYS_OF_ACCOUNT_MAX + 1;

    for (guint i = 0; i < n; i++) {
        g_autofree char *key = key_of(i);
        host.auth_info = key;
        keys_approve(&host, &host.alice, "alice");
        house_advance(host.house, 6 * USEC_PER_MINUTE);
    }
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, KNOWN_KEYS_OF_ACCOUNT_MAX);
    for (guint i = 0; i < n; i++) {
        g_autofree char *key = key_of(i);
        host.auth_info = key;
        g_assert_true(keys_let_in(&host, "alice") == (i > 0));
    }
}

static void the_page_says_so_before_it_is_approved_to_whom_it_concerns(void)
{
    g_auto(Host) host = {0};
    ServicePolicy *policy = keys_host(&host);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    DeviceLookAnswer page;

    g_assert_cmpint(host_look(&host, &host.alice, device.user_code, &page), ==, OUTCOME_GRANTED);
    g_assert_cmpstr(page.key, ==, "SHA256:oKvPbn65gCVz9OoxRP8teOv2uGiehE7fOTysKpUzhwc");
    g_assert_cmpint(page.key_until_usec, ==, host.house->now_usec + LASTS_USEC);
    house_clear(&device_look_act, &page);
    g_assert_cmpint(host_look(&host, &host.bob, device.user_code, &page), ==, OUTCOME_GRANTED);
    g_assert_null(page.key);
    house_clear(&device_look_act, &page);
    policy->reauthenticate_after = 0;
    g_assert_cmpint(host_look(&host, &host.alice, device.user_code, &page), ==, OUTCOME_GRANTED);
    g_assert_null(page.key);
    house_clear(&device_look_act, &page);
}

static void the_event_names_the_key_and_the_approval(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    keys_approve(&host, &host.alice, "alice");
    g_autoptr(GPtrArray) rows = keys_rows(&host, &host.alice);
    const KnownKey *known = rows->pdata[0];
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    const DeviceAnswerAsked look = {&host.root, &device.id, NULL};
    DeviceAnswerAnswer answer;
    EventAnswer event;

    g_assert_cmpint(house_run(host.house, &device_answer_act, &look, &answer), ==, OUTCOME_GRANTED);
    g_assert_true(answer.by_key && !answer.by_code);
    const EventAsked asked = {&host.root, answer.event};
    g_assert_cmpint(house_run(host.house, &event_explain_act, &asked, &event), ==, OUTCOME_GRANTED);
    g_autofree char *end = g_strdup_printf(
        " sshd alice, by SHA256:oKvPbn65gCVz9OoxRP8teOv2uGiehE7fOTysKpUzhwc, approved in %s",
        known->event);
    g_assert_true(g_str_has_suffix(event.event->detail, end));
    g_assert_cmpint(event.event->outcome, ==, OUTCOME_GRANTED);
    house_clear(&event_explain_act, &event);
    house_clear(&device_answer_act, &answer);
}

#define ADD(path, test) g_test_add_func("/core/known-key-end/" path, test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("policy", what_a_shorter_policy_ended_comes_back_by_no_longer_one);
    ADD("link", a_link_that_changes_ends_it_for_good);
    ADD("suspended", who_was_suspended_since_is_asked);
    ADD("session", the_end_of_the_session_that_approved_ends_it);
    ADD("leave", who_leaves_the_service_is_asked);
    ADD("mute", while_muted_it_is_asked);
    ADD("meanwhile", what_befalls_meanwhile_counts_at_the_grant);
    ADD("knocks", knocks_of_others_keep_nobody_out_and_a_budget_bounds_him);
    ADD("dashboard", its_person_ends_it_on_the_dashboard_and_nobody_else);
    ADD("administrator", an_administrator_lists_and_ends_those_of_a_user);
    ADD("two-accounts", a_key_is_of_the_account_that_approved_last);
    ADD("many", an_account_has_so_many_and_the_one_that_ends_soonest_makes_room);
    ADD("page", the_page_says_so_before_it_is_approved_to_whom_it_concerns);
    ADD("event", the_event_names_the_key_and_the_approval);
    return g_test_run();
}
