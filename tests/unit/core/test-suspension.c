/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-suspension.c - a suspended account: what is over at once, what follows, and what does not
 * come back */

#include "core/ending.h"
#include "core/event.h"
#include "core/outbox.h"
#include "core/session-apps.h"
#include "core/session.h"

#include "desk.h"
#include "host.h"
#include "people.h"

#define SESSIONS_MANY 7U
#define APPS_MANY     (ENDING_IDENTITIES_MAX + 4)
#define STEPS_MAX     10U

/* alice at Shop, by two chains: one of her session, one that outlives it. */
typedef struct World {
    Host host;
    House *house; /* the host's */
    const Caller *alice;
    char *shop, *cookie;
    TokenAnswer online, offline;
} World;

static void set_up(World *world, G_GNUC_UNUSED gconstpointer data)
{
    host_open(&world->host);
    world->house = world->host.house;
    world->alice = &world->host.alice;
    world->shop = people_app(world->house, world->house->tenant, "Shop");
    people_tokens(world->house, world->alice, world->shop, "openid", &world->online);
    people_tokens(
        world->house, world->alice, world->shop, "openid offline_access", &world->offline);
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(Session) session = NULL;
    g_assert_true(session_start(
        txn, &world->alice->account->id, world->alice, &session, &world->cookie, NULL));
    house_commit(txn);
}

static void tear_down(World *world, G_GNUC_UNUSED gconstpointer data)
{
    token_answer_clear(&world->online);
    token_answer_clear(&world->offline);
    g_free(world->shop);
    g_free(world->cookie);
    host_close(&world->host);
}

static gboolean has_session(World *world)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(Session) session = NULL;
    g_autoptr(Account) account = NULL;

    g_assert_true(session_find(txn, world->cookie, &session, &account, NULL));
    house_commit(txn);
    return session != NULL;
}

static gboolean refreshes(World *world, TokenAnswer *tokens)
{
    TokenAnswer next;
    Outcome outcome = people_refresh(world->house, world->shop, tokens->refresh_token, NULL, &next);

    token_answer_clear(&next);
    return outcome == OUTCOME_GRANTED;
}

static gboolean redeems(World *world, const char *code)
{
    TokenAnswer answer;
    Outcome outcome = people_redeem(world->house, world->shop, code, PEOPLE_VERIFIER, &answer);

    token_answer_clear(&answer);
    return outcome == OUTCOME_GRANTED;
}

/* Returns: how many pieces there were. */
static guint clear_all(House *house)
{
    EndingPlace place = {ID_NONE, ID_NONE};
    guint pieces = 0;

    while (people_clear_one(house, &place)) {
        g_assert_cmpuint(++pieces, <=, STEPS_MAX);
    }
    return pieces;
}

/* Suspended, cleared away, and back. */
static void suspend_and_resume(World *world)
{
    people_suspend(world->house, world->alice);
    clear_all(world->house);
    house_advance(world->house, GRANT_LIFE_USEC + 1);
    g_assert_cmpint(people_resume(world->house, world->alice), ==, REASON_NONE);
}

static void nothing_of_it_is_good_at_once(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *code = people_code(world->house, world->alice, world->shop, "offline_access");

    g_assert_true(people_access(world->house, world->online.access_token));
    g_assert_true(people_access(world->house, world->offline.access_token));
    g_assert_true(has_session(world));
    people_suspend(world->house, world->alice);
    g_assert_false(people_access(world->house, world->online.access_token));
    g_assert_false(people_access(world->house, world->offline.access_token));
    g_assert_false(has_session(world));
    g_assert_false(refreshes(world, &world->offline));
    g_assert_false(redeems(world, code));
}

static void whoever_is_not_there_is_neither_suspended_nor_resumed(
    World *world,
    G_GNUC_UNUSED gconstpointer data)
{
    const Caller caller = house_caller(world->house, CALLER_BUS);
    const Id nobody = {{1}};
    const AccountAsked asked = {.caller = &caller, .id = &nobody};
    AccountAnswer answer;

    g_assert_cmpint(
        house_run(world->house, &account_suspend_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_NOT_FOUND);
    g_assert_cmpint(
        house_run(world->house, &account_resume_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_NOT_FOUND);
}

/* So the time of the first stays, and nothing ends twice. */
static void what_is_so_already_stays_so(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const Caller caller = house_caller(world->house, CALLER_BUS);
    const AccountAsked asked = {.caller = &caller, .id = &world->alice->account->id};
    AccountAnswer answer;

    g_assert_cmpint(people_resume(world->house, world->alice), ==, REASON_NONE);
    people_suspend(world->house, world->alice);
    clear_all(world->house);
    g_assert_cmpint(
        house_run(world->house, &account_suspend_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_false(answer.changed);
    g_assert_false(people_clear_one(world->house, NULL));
}

static guint sessions_of(World *world)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(GArray) rows = session_rows(txn, &world->alice->account->id, NULL, NULL);

    house_commit(txn);
    return rows->len;
}

/* At other apps too, more than one piece has. */
static void enter_many(World *world, GPtrArray *tokens)
{
    for (guint i = 0; i < APPS_MANY; i++) {
        g_autofree char *name = g_strdup_printf("App %u", i);
        g_autofree char *client_id = people_app(world->house, world->house->tenant, name);
        TokenAnswer answer;
        people_tokens(world->house, world->alice, client_id, "offline_access", &answer);
        g_ptr_array_add(tokens, g_strdup(answer.access_token));
        token_answer_clear(&answer);
    }
}

static gboolean is_ended(World *world, const char *access_token)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(Chain) chain = NULL;
    Token token;

    g_assert_true(
        token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_USER_ACCESS, access_token, &token));
    g_assert_true(chain_load(txn, &token.handle, &chain, NULL));
    house_commit(txn);
    return chain->ended;
}

static void sessions_and_chains_follow_in_parts(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GPtrArray) tokens = g_ptr_array_new_with_free_func(g_free);

    enter_many(world, tokens);
    for (guint i = 0; i < SESSIONS_MANY; i++) {
        Caller again = people_sign_in_again(world->house, world->alice);
        caller_clear(&again);
    }
    people_suspend(world->house, world->alice);
    g_assert_cmpuint(sessions_of(world), ==, SESSIONS_MANY + 2);
    g_assert_cmpuint(clear_all(world->house), >=, 5); /* 3 of sessions, 2 of apps */
    g_assert_cmpuint(sessions_of(world), ==, 0);
    g_assert_true(is_ended(world, world->online.access_token));
    g_assert_true(is_ended(world, world->offline.access_token));
    for (guint i = 0; i < tokens->len; i++) {
        g_assert_true(is_ended(world, tokens->pdata[i]));
    }
}

static void suspend_and_begin(House *house, gpointer data)
{
    people_suspend(house, data);
    g_assert_true(people_clear_one(house, NULL));
}

static void k1_killed_in_between_it_goes_on(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GPtrArray) tokens = g_ptr_array_new_with_free_func(g_free);

    enter_many(world, tokens);
    house_killed_after(world->house, suspend_and_begin, &world->host.alice);
    g_assert_false(people_access(world->house, world->offline.access_token));
    g_assert_cmpuint(clear_all(world->house), >=, 2);
    g_assert_true(is_ended(world, world->offline.access_token));
    g_assert_true(is_ended(world, tokens->pdata[APPS_MANY - 1]));
}

static void want_to_know(World *world)
{
    const Caller caller = house_caller(world->house, CALLER_BUS);
    Id id;
    AppAnswer answer;

    g_assert_true(id_from_text(world->shop, &id));
    const AppAsked asked = {
        .caller = &caller, .id = &id, .backchannel_logout_uri = "https://shop.example/logout"};
    g_assert_cmpint(house_run(world->house, &app_set_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&app_set_act, &answer);
}

static guint told(House *house)
{
    const Caller caller = house_caller(house, CALLER_DAEMON);
    const OutboxAsked asked = {.caller = &caller, .lane = OUTBOX_LANE_LOGOUT, .max = 100};
    OutboxAnswer answer;

    house_advance(house, LOGOUT_WAIT_USEC_MAX);
    g_assert_cmpint(house_run(house, &outbox_take_act, &asked, &answer), ==, OUTCOME_GRANTED);
    guint entries = answer.entries->len;
    house_clear(&outbox_take_act, &answer);
    return entries;
}

static void apps_are_told_as_of_any_sign_out(World *world, G_GNUC_UNUSED gconstpointer data)
{
    want_to_know(world);
    people_suspend(world->house, world->alice);
    clear_all(world->house);
    g_assert_cmpuint(told(world->house), ==, 1);
}

static void it_is_resumed_when_all_is_gone_and_no_code_lives(World *world, gconstpointer data)
{
    (void)data;
    people_suspend(world->house, world->alice);
    house_advance(world->house, GRANT_LIFE_USEC + 1);
    g_assert_cmpint(people_resume(world->house, world->alice), ==, REASON_ENDING);
    clear_all(world->house);
    g_assert_cmpint(people_resume(world->house, world->alice), ==, REASON_NONE);
    people_suspend(world->house, world->alice);
    clear_all(world->house);
    house_advance(world->house, GRANT_LIFE_USEC);
    g_assert_cmpint(people_resume(world->house, world->alice), ==, REASON_ENDING);
    house_advance(world->house, 1);
    g_assert_cmpint(people_resume(world->house, world->alice), ==, REASON_NONE);
}

static void what_it_had_does_not_come_back(World *world, G_GNUC_UNUSED gconstpointer data)
{
    TokenAnswer fresh;

    suspend_and_resume(world);
    g_assert_false(has_session(world));
    g_assert_false(people_access(world->house, world->offline.access_token));
    g_assert_false(refreshes(world, &world->offline));
    Caller again = people_sign_in_again(world->house, world->alice);
    people_tokens(world->house, &again, world->shop, "openid", &fresh);
    g_assert_cmpstr(fresh.subject, ==, world->online.subject);
    g_assert_true(people_access(world->house, fresh.access_token));
    token_answer_clear(&fresh);
    caller_clear(&again);
}

static void P2_an_approval_of_before_lets_nobody_in(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(DeviceOpenAnswer) prompt = host_opened(&world->host, "alice");

    g_assert_cmpint(
        host_decide(&world->host, world->alice, prompt.user_code, TRUE, NULL), ==, REASON_NONE);
    suspend_and_resume(world);
    host_denied(&world->host, &prompt.id, "", REASON_SUSPENDED);
}

static void a_device_that_was_approved_before_gets_nothing(World *world, gconstpointer data)
{
    Caller stranger = house_caller(world->house, CALLER_NONE);
    const DeviceOpenAsked open = {.caller = &stranger, .client_id = world->shop, .scope = "openid"};
    DeviceOpenAnswer device;
    TokenAnswer tokens;

    (void)data;
    g_assert_cmpint(house_run(world->house, &device_open_act, &open, &device), ==, OUTCOME_GRANTED);
    g_assert_cmpint(
        host_decide(&world->host, world->alice, device.user_code, TRUE, NULL), ==, REASON_NONE);
    suspend_and_resume(world);
    const DevicePollAsked poll = {
        .caller = &stranger, .client_id = world->shop, .device_code = device.device_code};
    g_assert_cmpint(house_run(world->house, &device_poll_act, &poll, &tokens), ==, OUTCOME_DENIED);
    g_assert_cmpint(tokens.reason, ==, REASON_DECLINED);
    token_answer_clear(&tokens);
    opened_clear(&device);
}

static void a_link_that_was_mailed_before_signs_nobody_in(void)
{
    g_auto(Desk) desk = {0};

    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    people_suspend(desk.house, &desk.alice);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_UNKNOWN);
    clear_all(desk.house);
    house_advance(desk.house, GRANT_LIFE_USEC + 1);
    g_assert_cmpint(people_resume(desk.house, &desk.alice), ==, REASON_NONE);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_UNKNOWN);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise)                                                                              \
    g_test_add("/core/suspension/" #promise, World, NULL, set_up, promise, tear_down)
    TEST(nothing_of_it_is_good_at_once);
    TEST(whoever_is_not_there_is_neither_suspended_nor_resumed);
    TEST(what_is_so_already_stays_so);
    TEST(sessions_and_chains_follow_in_parts);
    TEST(k1_killed_in_between_it_goes_on);
    TEST(apps_are_told_as_of_any_sign_out);
    TEST(it_is_resumed_when_all_is_gone_and_no_code_lives);
    TEST(what_it_had_does_not_come_back);
    TEST(P2_an_approval_of_before_lets_nobody_in);
    TEST(a_device_that_was_approved_before_gets_nothing);
    g_test_add_func(
        "/core/suspension/a_link_that_was_mailed_before_signs_nobody_in",
        a_link_that_was_mailed_before_signs_nobody_in);
    return g_test_run();
}
