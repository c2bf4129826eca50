/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/session-apps.h"

#include "core/outbox.h"
#include "store/list.h"

#include "people.h"

#define TELL_SHOP "https://shop.example/logout"
#define APPS_MANY 20U

static void set_uri(House *house, const char *client_id, const char *uri)
{
    const Caller caller = house_caller(house, CALLER_BUS);
    Id id;
    AppAnswer answer;

    g_assert_true(id_from_text(client_id, &id));
    const AppAsked asked = {.caller = &caller, .id = &id, .backchannel_logout_uri = uri};
    g_assert_cmpint(house_run(house, &app_set_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&app_set_act, &answer);
}

/* (transfer full): the client id of an app that wants to be told at TELL_SHOP. */
static char *telling_app(House *house, const char *name)
{
    char *client_id = people_app(house, house->tenant, name);

    set_uri(house, client_id, TELL_SHOP);
    return client_id;
}

/* (transfer full): the sid that the app has. */
static char *enter(House *house, const Caller *person, const char *client_id, const char *scope)
{
    TokenAnswer tokens;

    people_tokens(house, person, client_id, scope, &tokens);
    char *sid = g_strdup(tokens.sid);
    token_answer_clear(&tokens);
    return sid;
}

static void end(House *house, const Caller *person)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);

    g_assert_true(session_end(txn, person->session, NULL));
    house_commit(txn);
}

/* Clear with house_clear(). */
static OutboxAnswer take(House *house)
{
    const Caller caller = house_caller(house, CALLER_DAEMON);
    const OutboxAsked asked = {.caller = &caller, .lane = OUTBOX_LANE_LOGOUT, .max = 100};
    OutboxAnswer answer;

    g_assert_cmpint(house_run(house, &outbox_take_act, &asked, &answer), ==, OUTCOME_GRANTED);
    return answer;
}

static guint told(House *house)
{
    house_advance(house, LOGOUT_WAIT_USEC_MAX);
    OutboxAnswer answer = take(house);
    guint entries = answer.entries->len;

    house_clear(&outbox_take_act, &answer);
    return entries;
}

static void an_app_is_told_of_its_own_session_by_the_name_that_it_knows(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = telling_app(house, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");
    TokenAnswer tokens;

    people_tokens(house, &alice, shop, "openid", &tokens);
    end(house, &alice);
    gint64 ended = house->now_usec;
    house_advance(house, LOGOUT_WAIT_USEC_MAX);
    OutboxAnswer answer = take(house);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    const OutboxEntry *entry = answer.entries->pdata[0];
    g_assert_cmpuint(entry->kind, ==, OUTBOX_LOGOUT);
    g_assert_cmpstr(entry->to, ==, TELL_SHOP);
    g_assert_cmpstr(entry->client_id, ==, shop);
    g_assert_cmpstr(entry->subject, ==, tokens.subject);
    g_assert_cmpstr(entry->sid, ==, tokens.sid);
    g_assert_cmpuint(entry->alg, ==, JWS_RS256);
    g_assert_cmpint(entry->next_usec, >=, ended); /* when it was due, not its lease */
    g_assert_cmpint(entry->next_usec, <, ended + LOGOUT_WAIT_USEC_MAX);
    g_assert_cmpint(entry->expires_usec, ==, ended + LOGOUT_TRY_USEC_MAX);
    house_clear(&outbox_take_act, &answer);
    token_answer_clear(&tokens);
    caller_clear(&alice);
}

static void only_apps_that_were_entered_and_want_to_know_are_told(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = telling_app(house, "Shop");
    g_autofree char *offline = telling_app(house, "Offline");
    g_autofree char *elsewhere = telling_app(house, "Elsewhere");
    g_autofree char *disabled = telling_app(house, "Disabled");
    g_autofree char *quiet = people_app(house, house->tenant, "Quiet");
    g_autofree char *changed = telling_app(house, "Changed");
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller again = people_sign_in_again(house, &alice);
    const char *const here[] = {shop, offline, disabled, quiet, changed};

    for (gsize i = 0; i < G_N_ELEMENTS(here); i++) {
        g_free(enter(house, &alice, here[i], here[i] == offline ? "offline_access" : "openid"));
    }
    g_free(enter(house, &again, elsewhere, "openid"));
    people_app_state(house, disabled, APP_DISABLED);
    set_uri(house, changed, "");
    end(house, &alice);
    g_assert_cmpuint(told(house), ==, 2); /* shop and offline */
    end(house, &again);
    g_assert_cmpuint(told(house), ==, 1);
    caller_clear(&alice);
    caller_clear(&again);
}

static void a_sid_is_of_one_session_and_one_app(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = people_app(house, house->tenant, "Shop");
    g_autofree char *mail = people_app(house, house->tenant, "Mail");
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller again = people_sign_in_again(house, &alice);
    g_autofree char *first = enter(house, &alice, shop, "openid");
    g_autofree char *same = enter(house, &alice, shop, "openid");
    g_autofree char *other_app = enter(house, &alice, mail, "openid");
    g_autofree char *other_session = enter(house, &again, shop, "openid");

    g_assert_cmpstr(first, ==, same);
    g_assert_cmpstr(first, !=, other_app);
    g_assert_cmpstr(first, !=, other_session);
    caller_clear(&alice);
    caller_clear(&again);
}

/* Else the app could join the old name and the new one by the sid. */
static void O15_who_leaves_and_comes_back_has_another_sid(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = telling_app(house, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *before = enter(house, &alice, shop, "openid");
    Id app;

    g_assert_true(id_from_text(shop, &app));
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(Identity) identity = NULL;
    g_assert_true(identity_find(txn, &alice.account->id, &app, &identity, NULL));
    g_assert_true(identity_remove(txn, identity, NULL));
    house_commit(txn);
    g_clear_pointer(&txn, txn_free);
    g_autofree char *after = enter(house, &alice, shop, "openid");
    g_assert_cmpstr(before, !=, after);
    end(house, &alice);
    house_advance(house, LOGOUT_WAIT_USEC_MAX);
    OutboxAnswer answer = take(house);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    g_assert_cmpstr(((const OutboxEntry *)answer.entries->pdata[0])->sid, ==, after);
    house_clear(&outbox_take_act, &answer);
    caller_clear(&alice);
}

static gboolean is_forgotten(House *house, const Id *session)
{
    const ListName name = {LIST_IDENTITIES_OF_SESSION, session->bytes, ID_BYTES};
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, 1, NULL);

    return ids->len == 0;
}

static void a_session_that_expired_is_told_to_nobody(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = telling_app(house, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");

    g_free(enter(house, &alice, shop, "openid"));
    g_assert_false(is_forgotten(house, &alice.session->id));
    house_advance(house, SESSION_IDLE_USEC);
    Caller again = people_sign_in_again(house, &alice);
    g_assert_cmpuint(told(house), ==, 0);
    g_assert_true(is_forgotten(house, &alice.session->id));
    caller_clear(&alice);
    caller_clear(&again);
}

static void O15_each_app_waits_for_itself(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    gint64 first = G_MAXINT64;
    gint64 last = 0;

    for (guint i = 0; i < APPS_MANY; i++) {
        g_autofree char *name = g_strdup_printf("App %u", i);
        g_autofree char *client_id = telling_app(house, name);
        g_free(enter(house, &alice, client_id, "openid"));
    }
    end(house, &alice);
    house_advance(house, LOGOUT_WAIT_USEC_MAX);
    OutboxAnswer answer = take(house);
    g_assert_cmpuint(answer.entries->len, ==, APPS_MANY);
    for (guint i = 0; i < APPS_MANY; i++) {
        const OutboxEntry *entry = answer.entries->pdata[i];
        first = MIN(first, entry->next_usec);
        last = MAX(last, entry->next_usec);
    }
    /* All within a third of the time: once in 10^8. */
    g_assert_cmpint(last - first, >, LOGOUT_WAIT_USEC_MAX / 3);
    house_clear(&outbox_take_act, &answer);
    caller_clear(&alice);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/session-apps/" #promise, promise)
    TEST(an_app_is_told_of_its_own_session_by_the_name_that_it_knows);
    TEST(only_apps_that_were_entered_and_want_to_know_are_told);
    TEST(a_sid_is_of_one_session_and_one_app);
    TEST(O15_who_leaves_and_comes_back_has_another_sid);
    TEST(a_session_that_expired_is_told_to_nobody);
    TEST(O15_each_app_waits_for_itself);
    return g_test_run();
}
