/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-approval.c - what is decided on the bus, by whom, in whose name */

#include "core/approval.h"

#include "core/event.h"

#include "host.h"
#include "people.h"

/* A host where conversations begin on the host itself, at login; alice's uid there is her own. */
typedef struct World {
    Host host;
    House *house;
    Caller caller; /* the bus, of uid 1000 */
} World;

static void set_up(World *world, G_GNUC_UNUSED gconstpointer data)
{
    host_open(&world->host);
    world->house = world->host.house;
    host_enable(&world->host, "login");
    host_link(&world->host, "alice", "alice@example.org");
    world->host.service = "login";
    world->host.remote = NULL;
    world->caller = house_caller(world->house, CALLER_BUS);
    world->caller.uid = 1000;
}

static void tear_down(World *world, G_GNUC_UNUSED gconstpointer data)
{
    host_close(&world->host);
}

static ApprovalAsked of_alice(World *world, const Id *id)
{
    return (ApprovalAsked){
        .caller = &world->caller, .own_user = "alice", .id = id, .ids = id, .n_ids = 1};
}

static ApprovalAsked of_everybody(World *world, const Id *id)
{
    ApprovalAsked asked = of_alice(world, id);

    asked.own_user = NULL;
    asked.everybody = TRUE;
    return asked;
}

/* The reason; *ret_number: (out) (optional) (transfer full) */
static Reason approve(World *world, const ApprovalAsked *asked, char **ret_number)
{
    ApprovalAnswer answer;
    Outcome outcome = house_run(world->house, &approval_approve_act, asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome, ==, reason == REASON_NONE ? OUTCOME_GRANTED : OUTCOME_DENIED);
    g_assert_true((reason == REASON_ONLY_ON_PAGE) == (answer.problem != NULL));
    g_assert_true((reason == REASON_NONE) == (answer.event != NULL));
    g_assert_true(reason == REASON_NONE || !answer.number);
    if (ret_number) {
        *ret_number = g_strdup(answer.number);
    }
    house_clear(&approval_approve_act, &answer);
    return reason;
}

static Reason deny(World *world, const ApprovalAsked *asked)
{
    ApprovalAnswer answer;
    Outcome outcome = house_run(world->house, &approval_deny_act, asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome, ==, reason == REASON_NONE ? OUTCOME_GRANTED : OUTCOME_DENIED);
    house_clear(&approval_deny_act, &answer);
    return reason;
}

typedef enum Shown { NOT_SHOWN, SHOWN, SHOWN_APPROVABLE, SHOWN_APPROVED } Shown;

static Shown shown(World *world, const ApprovalAsked *asked)
{
    ApprovalAnswer answer;
    Shown how = NOT_SHOWN;

    g_assert_cmpint(
        house_run(world->house, &approval_list_act, asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(answer.rows->len, <=, 1);
    if (answer.rows->len) {
        const ApprovalRow *row = &g_array_index(answer.rows, ApprovalRow, 0);
        g_assert_true(id_equal(&row->id, asked->id));
        g_assert_false(row->approved && row->approvable);
        how = row->approved ? SHOWN_APPROVED : row->approvable ? SHOWN_APPROVABLE : SHOWN;
    }
    house_clear(&approval_list_act, &answer);
    return how;
}

static char *wrong(const char *number)
{
    return g_strdup_printf("%02d", (atoi(number) + 1) % 100);
}

static void
B8_her_own_is_approved_and_its_number_typed_once(World *world, G_GNUC_UNUSED gconstpointer data)
{
    for (guint i = 0; i < 2; i++) {
        g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
        const ApprovalAsked asked = of_alice(world, &device.id);
        g_autofree char *number = NULL;

        g_assert_cmpint(shown(world, &asked), ==, SHOWN_APPROVABLE);
        g_assert_cmpint(approve(world, &asked, &number), ==, REASON_NONE);
        g_assert_cmpint(shown(world, &asked), ==, SHOWN_APPROVED);
        g_assert_cmpint(approve(world, &asked, NULL), ==, REASON_DECIDED);
        host_outcome_is(&world->host, &device.id, "", OUTCOME_PENDING);
        if (i == 0) {
            host_outcome_is(&world->host, &device.id, number, OUTCOME_GRANTED);
        } else {
            g_autofree char *other = wrong(number);
            host_denied(&world->host, &device.id, other, REASON_NUMBER_WRONG);
            host_denied(&world->host, &device.id, number, REASON_NUMBER_WRONG);
        }
        g_assert_cmpint(shown(world, &asked), ==, NOT_SHOWN);
    }
}

/* What makes of a conversation one that nobody approves on the bus about himself. */
typedef struct Row {
    const char *service, *user, *remote, *asker;
    gboolean privileged, is_privileged_now, by_stranger;
    Reason reason; /* of her own approval */
    Reason everybodys;
} Row;

static const Row rows[] = {
    {.service = "sudo", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "sudo-i", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "su", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "su-l", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "polkit-1", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "doas", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "chsh", .user = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "corp-sudo", .user = "alice", .asker = "alice", .reason = REASON_ONLY_ON_PAGE},
    {.service = "login", .user = "alice", .privileged = TRUE, .reason = REASON_ONLY_ON_PAGE},
    {.service = "login", .user = "alice", .is_privileged_now = TRUE, .reason = REASON_ONLY_ON_PAGE},
    {.service = "login", .user = "bob", .reason = REASON_NOT_FOUND},
    {.service = "login", .user = "", .reason = REASON_NOT_FOUND},
    {.service = "login",
     .user = "alice",
     .remote = "203.0.113.7",
     .reason = REASON_ONLY_ON_PAGE,
     .everybodys = REASON_ONLY_ON_PAGE},
    {.service = "login",
     .user = "alice",
     .remote = "127.0.0.1",
     .reason = REASON_ONLY_ON_PAGE,
     .everybodys = REASON_ONLY_ON_PAGE},
    {.service = "login",
     .user = "alice",
     .remote = "desk.example.org",
     .reason = REASON_ONLY_ON_PAGE,
     .everybodys = REASON_ONLY_ON_PAGE},
    {.service = "login",
     .user = "alice",
     .by_stranger = TRUE,
     .reason = REASON_ONLY_ON_PAGE,
     .everybodys = REASON_ONLY_ON_PAGE},
};

static DeviceOpenAnswer opened_as(World *world, const Row *row)
{
    Host *host = &world->host;

    host->service = row->service;
    host->remote = row->remote;
    host->asker = row->asker;
    host->privileged = row->privileged;
    host->root.uid = row->by_stranger ? 1001 : 0;
    DeviceOpenAnswer device = host_opened(host, row->user);
    host->root.uid = 0;
    return device;
}

static void
B8_nothing_that_gives_more_or_is_not_hers(World *world, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const services[] = {"sudo", "su", "polkit-1", "doas", "chsh", "corp-sudo"};
    static const char *const users[] = {"alice", "bob"};

    for (guint i = 0; i < G_N_ELEMENTS(services); i++) {
        host_enable(&world->host, services[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
        host_link(&world->host, users[i], "alice@example.org");
    }
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(DeviceOpenAnswer) device = opened_as(world, &rows[i]);
        ApprovalAsked asked = of_alice(world, &device.id);
        const ApprovalAsked all = of_everybody(world, &device.id);
        g_test_message("row %u", i);
        asked.privileged = rows[i].is_privileged_now;
        g_assert_cmpint(approve(world, &asked, NULL), ==, rows[i].reason);
        g_assert_cmpint(
            shown(world, &asked), ==, rows[i].reason == REASON_NOT_FOUND ? NOT_SHOWN : SHOWN);
        host_outcome_is(&world->host, &device.id, "", OUTCOME_PENDING);
        if (*rows[i].user) {
            g_assert_cmpint(approve(world, &all, NULL), ==, rows[i].everybodys);
        }
        g_assert_cmpint(
            deny(world, &asked), ==,
            rows[i].reason == REASON_NOT_FOUND ? REASON_NOT_FOUND : REASON_NONE);
        house_advance(world->house, 11 * USEC_PER_MINUTE);
    }
}

static void who_is_nobody_here_has_nothing(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
    ApprovalAsked asked = of_alice(world, &device.id);

    asked.own_user = NULL;
    g_assert_cmpint(shown(world, &asked), ==, NOT_SHOWN);
    g_assert_cmpint(approve(world, &asked, NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(deny(world, &asked), ==, REASON_NOT_FOUND);
    host_outcome_is(&world->host, &device.id, "", OUTCOME_PENDING);
}

static void denied_is_over_also_when_it_was_approved(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) waiting = host_opened(&world->host, "alice");
    const ApprovalAsked first = of_alice(world, &waiting.id);
    g_assert_cmpint(deny(world, &first), ==, REASON_NONE);
    g_assert_cmpint(deny(world, &first), ==, REASON_NOT_FOUND);
    g_assert_cmpint(approve(world, &first, NULL), ==, REASON_NOT_FOUND);
    host_denied(&world->host, &waiting.id, "", REASON_DECLINED_ON_HOST);

    g_auto(DeviceOpenAnswer) approved = host_opened(&world->host, "alice");
    const ApprovalAsked own = of_alice(world, &approved.id);
    const ApprovalAsked all = of_everybody(world, &approved.id);
    g_autofree char *number = NULL;
    g_assert_cmpint(approve(world, &own, &number), ==, REASON_NONE);
    g_assert_cmpint(deny(world, &all), ==, REASON_NONE);
    host_denied(&world->host, &approved.id, number, REASON_DECLINED_BY_ADMIN);
}

static void what_is_over_or_an_apps_is_not_there(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *client_id = people_app(world->house, world->house->tenant, "Bakery");
    Caller nobody = house_caller(world->house, CALLER_NONE);
    const DeviceOpenAsked open = {.caller = &nobody, .client_id = client_id, .scope = "openid"};
    g_auto(DeviceOpenAnswer) of_app = {0};
    g_auto(DeviceOpenAnswer) old = host_opened(&world->host, "alice");
    const ApprovalAsked expired = of_everybody(world, &old.id);
    ApprovalAnswer news;

    house_advance(world->house, LIFE_USEC);
    g_assert_cmpint(shown(world, &expired), ==, NOT_SHOWN);
    g_assert_cmpint(approve(world, &expired, NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(deny(world, &expired), ==, REASON_NOT_FOUND);

    g_assert_cmpint(house_run(world->house, &device_open_act, &open, &of_app), ==, OUTCOME_GRANTED);
    const ApprovalAsked apps = of_everybody(world, &of_app.id);
    g_assert_cmpint(shown(world, &apps), ==, NOT_SHOWN);
    g_assert_cmpint(approve(world, &apps, NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(deny(world, &apps), ==, REASON_NOT_FOUND);
    g_assert_cmpint(house_run(world->house, &approval_news_act, &apps, &news), ==, OUTCOME_GRANTED);
    g_assert_null(news.local_user);
    house_clear(&approval_news_act, &news);
}

static void
it_is_in_the_name_of_the_one_who_is_linked(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
    const ApprovalAsked asked = of_alice(world, &device.id);
    g_autofree char *number = NULL;

    host_link(&world->host, "alice", "bob@example.org");
    g_assert_cmpint(approve(world, &asked, NULL), ==, REASON_ONLY_ON_PAGE);
    people_suspend(world->house, &world->host.bob); /* then it is she alone again */
    g_assert_cmpint(approve(world, &asked, &number), ==, REASON_NONE);
    people_suspend(world->house, &world->host.alice);
    host_denied(&world->host, &device.id, number, REASON_SUSPENDED);

    g_auto(DeviceOpenAnswer) unlinked = host_opened(&world->host, "alice");
    const ApprovalAsked nobodys = of_alice(world, &unlinked.id);
    g_assert_cmpint(approve(world, &nobodys, NULL), ==, REASON_NO_LINK);
    host_outcome_is(&world->host, &unlinked.id, "", OUTCOME_PENDING);
}

static void
a_link_that_goes_after_the_approval_lets_nobody_in(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
    const ApprovalAsked asked = of_alice(world, &device.id);
    const LinkAsked unlink = {.caller = &world->host.root, .local_user = "alice"};
    g_autofree char *number = NULL;
    PlainAnswer plain;

    g_assert_cmpint(approve(world, &asked, &number), ==, REASON_NONE);
    g_assert_cmpint(
        house_run(world->house, &link_remove_act, &unlink, &plain), ==, OUTCOME_GRANTED);
    host_denied(&world->host, &device.id, number, REASON_NO_LINK);
}

static ServicePolicy *add_policy(World *world, const char *service)
{
    ServicePolicy *policy = g_new0(ServicePolicy, 1);

    policy->name = g_strdup(service);
    policy->code = policy->device = TRUE;
    g_ptr_array_add(world->house->config->services, policy);
    return policy;
}

static void
a_policy_may_want_no_number_and_no_approval_at_all(World *world, G_GNUC_UNUSED gconstpointer data)
{
    host_enable(&world->host, "kiosk"); /* as the start of a daemon with that section does */
    ServicePolicy *policy = add_policy(world, "kiosk");
    host_link(&world->host, "alice", "alice@example.org");
    world->host.service = "kiosk";
    g_autofree char *number = NULL;

    policy->number = NUMBER_NEVER;
    g_auto(DeviceOpenAnswer) without = host_opened(&world->host, "alice");
    const ApprovalAsked first = of_alice(world, &without.id);
    g_assert_cmpint(approve(world, &first, &number), ==, REASON_NONE);
    g_assert_null(number);
    host_outcome_is(&world->host, &without.id, "", OUTCOME_GRANTED);

    policy->device = FALSE;
    g_auto(DeviceOpenAnswer) codes = host_opened(&world->host, "alice");
    const ApprovalAsked second = of_alice(world, &codes.id);
    g_assert_cmpint(shown(world, &second), ==, SHOWN);
    g_assert_cmpint(approve(world, &second, NULL), ==, REASON_ONLY_ON_PAGE);
}

static void a_service_that_went_approves_nothing(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
    const ApprovalAsked asked = of_alice(world, &device.id);
    const ServiceAsked service = {&world->host.root, "login"};
    PlainAnswer plain;

    g_assert_cmpint(
        house_run(world->house, &service_disable_act, &service, &plain), ==, OUTCOME_GRANTED);
    g_assert_cmpint(approve(world, &asked, NULL), ==, REASON_SERVICE_OFF);
}

static void the_audit_tells_who_approved(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
    const ApprovalAsked asked = of_alice(world, &device.id);
    ApprovalAnswer answer;
    EventAnswer told;

    g_assert_cmpint(
        house_run(world->house, &approval_approve_act, &asked, &answer), ==, OUTCOME_GRANTED);
    const EventAsked explain = {&world->host.root, answer.event};
    g_assert_cmpint(
        house_run(world->house, &event_explain_act, &explain, &told), ==, OUTCOME_GRANTED);
    g_assert_cmpint(told.event->what, ==, EVENT_DEVICE_DECISION);
    g_assert_cmpint(told.event->outcome, ==, OUTCOME_GRANTED);
    g_assert_true(id_equal(&told.event->subject_id, &world->host.alice.account->id));
    g_assert_true(
        g_str_has_suffix(told.event->detail, "login alice, approved on the bus by uid 1000"));
    house_clear(&event_explain_act, &told);
    house_clear(&approval_approve_act, &answer);
}

static void
news_say_whose_it_is_and_whether_it_is_from_here(World *world, G_GNUC_UNUSED gconstpointer data)
{
    for (guint i = 0; i < 2; i++) {
        world->host.remote = i ? "127.0.0.1" : NULL;
        g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
        const ApprovalAsked asked = {.caller = &world->caller, .id = &device.id};
        ApprovalAnswer answer;
        g_assert_cmpint(
            house_run(world->house, &approval_news_act, &asked, &answer), ==, OUTCOME_GRANTED);
        g_assert_cmpstr(answer.local_user, ==, "alice");
        g_assert_cmpint(answer.from_here, ==, i == 0);
        house_clear(&approval_news_act, &answer);
    }
}

/* Of a server that names no address of its client, nobody knows where that is. */
static void only_a_terminal_or_an_asker_is_here(World *world, G_GNUC_UNUSED gconstpointer data)
{
    static const struct {
        const char *terminal, *asker;
        gboolean from_here;
    } places[] = {{"tty1", NULL, TRUE},  {"/dev/pts/3", NULL, TRUE},   {":0", NULL, TRUE},
                  {NULL, "alice", TRUE}, {NULL, NULL, FALSE},          {"", NULL, FALSE},
                  {"ssh", NULL, FALSE},  {"xrdp-sesman", NULL, FALSE}, {"dovecot", "alice", FALSE}};

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        world->host.terminal = places[i].terminal;
        world->host.asker = places[i].asker;
        g_auto(DeviceOpenAnswer) device = host_opened(&world->host, "alice");
        const ApprovalAsked asked = {.caller = &world->caller, .id = &device.id, .everybody = TRUE};
        ApprovalAnswer answer;
        g_assert_cmpint(
            house_run(world->house, &approval_news_act, &asked, &answer), ==, OUTCOME_GRANTED);
        g_assert_cmpint(answer.from_here, ==, places[i].from_here);
        house_clear(&approval_news_act, &answer);
        Outcome outcome = house_run(world->house, &approval_approve_act, &asked, &answer);
        g_assert_cmpint(outcome, ==, places[i].from_here ? OUTCOME_GRANTED : OUTCOME_DENIED);
        g_assert_cmpint(answer.reason, ==, places[i].from_here ? REASON_NONE : REASON_ONLY_ON_PAGE);
        house_clear(&approval_approve_act, &answer);
        house_advance(world->house, 10 * USEC_PER_MINUTE);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise)                                                                              \
    g_test_add("/core/approval/" #promise, World, NULL, set_up, promise, tear_down)
    TEST(B8_her_own_is_approved_and_its_number_typed_once);
    TEST(B8_nothing_that_gives_more_or_is_not_hers);
    TEST(who_is_nobody_here_has_nothing);
    TEST(only_a_terminal_or_an_asker_is_here);
    TEST(denied_is_over_also_when_it_was_approved);
    TEST(what_is_over_or_an_apps_is_not_there);
    TEST(it_is_in_the_name_of_the_one_who_is_linked);
    TEST(a_link_that_goes_after_the_approval_lets_nobody_in);
    TEST(a_policy_may_want_no_number_and_no_approval_at_all);
    TEST(a_service_that_went_approves_nothing);
    TEST(the_audit_tells_who_approved);
    TEST(news_say_whose_it_is_and_whether_it_is_from_here);
    return g_test_run();
}
