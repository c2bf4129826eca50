/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-registration.c - apps that register themselves: what they may say, how many, how long */

#include "core/device.h"
#include "core/identity.h"
#include "core/registration.h"
#include "crypto/random.h"

#include "people.h"

#include <string.h>

static const char *const uris[] = {PEOPLE_REDIRECT, NULL};

/* DENIED is told by the reason; the app, or NULL. */
static App *ask(House *house, const RegistrationAsked *wanted, Reason *ret_reason)
{
    Caller caller = house_caller(house, CALLER_NONE);
    RegistrationAsked asked = *wanted;
    RegistrationAnswer answer;

    if (!asked.caller) {
        asked.caller = &caller;
    }
    Outcome outcome = house_run(house, &registration_add_act, &asked, &answer);
    *ret_reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.reason == REASON_NONE);
    g_assert_true((outcome == OUTCOME_GRANTED) == (answer.description == NULL));
    App *app = outcome == OUTCOME_GRANTED ? g_steal_pointer(&answer.app) : NULL;
    house_clear(&registration_add_act, &answer);
    return app;
}

static char *register_one(House *house)
{
    const RegistrationAsked asked = {.redirect_uris = uris};
    char *client_id = g_malloc(ID_TEXT_CHARS + 1);
    Reason reason = REASON_NONE;
    g_autoptr(App) app = ask(house, &asked, &reason);

    g_assert_nonnull(app);
    id_to_text(&app->id, client_id);
    return client_id;
}

static App *find(House *house, const char *client_id)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    App *app = NULL;

    g_assert_true(app_find(txn, client_id, &app, NULL));
    return app;
}

static gboolean is_there(House *house, const char *client_id)
{
    g_autoptr(App) app = find(house, client_id);
    return app != NULL;
}

static guint sweep(House *house)
{
    const Caller caller = house_caller(house, CALLER_DAEMON);
    SweepAsked asked = {.caller = &caller};
    SweepAnswer answer;
    guint removed = 0;

    do {
        g_assert_cmpint(
            house_run(house, &registration_sweep_act, &asked, &answer), ==, OUTCOME_GRANTED);
        g_assert_cmpuint(answer.removed, <=, 4);
        removed += answer.removed;
        asked.after = answer.after;
    } while (!id_is_none(&asked.after));
    return removed;
}

static void verify(House *house, const char *client_id, gboolean verified)
{
    const Caller caller = house_caller(house, CALLER_BUS);
    Id id = ID_NONE;
    AppAnswer answer;

    g_assert_true(id_from_text(client_id, &id));
    const AppAsked asked = {.caller = &caller, .id = &id, .verified = &verified};
    g_assert_cmpint(house_run(house, &app_set_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&app_set_act, &answer);
}

static void what_is_not_said_is_chosen(void)
{
    static const char *const plain[] = {"authorization_code", "refresh_token", NULL};
    static const char *const code[] = {"code", NULL};
    static const char *const native[] = {"com.example.app:/back", NULL};
    g_autoptr(House) house = house_new();
    const RegistrationAsked least = {.redirect_uris = uris};
    const RegistrationAsked most = {
        .client_name = "Bakery",
        .redirect_uris = native,
        .scope = "openid email",
        .application_type = "native",
        .token_endpoint_auth_method = "none",
        .grant_types = plain,
        .response_types = code,
        .subject_type = "pairwise",
        .id_token_signed_response_alg = "EdDSA",
        .post_logout_redirect_uris = uris,
        .backchannel_logout_uri = "https://shop.example/out",
        .policy_uri = "https://shop.example/privacy#short",
        .tos_uri = "https://shop.example/terms",
        .logo_uri = "https://shop.example/logo.png",
    };
    Reason reason = REASON_NONE;
    g_autoptr(App) first = ask(house, &least, &reason);
    g_autoptr(App) second = ask(house, &most, &reason);

    g_assert_true(first && second);
    g_assert_cmpstr(first->name, ==, "shop.example");
    g_assert_true(g_strv_equal((const char *const *)first->scopes, app_scopes_default));
    g_assert_cmpuint(first->id_token_alg, ==, JWS_RS256);
    g_assert_true(app_is_unknown(first) && first->level == APP_UNVERIFIED);
    g_assert_cmpuint(first->state, ==, APP_CLEAN);
    g_assert_cmpstr(second->name, ==, "Bakery");
    g_assert_true(
        g_strv_equal((const char *const *)second->scopes, (const char *const[]){"openid", NULL}));
    g_assert_cmpuint(second->id_token_alg, ==, JWS_EDDSA);
    g_assert_cmpstr(second->policy_uri, ==, most.policy_uri);
    g_assert_cmpstr(second->tos_uri, ==, most.tos_uri);
    g_assert_cmpstr(second->logo_uri, ==, most.logo_uri);
    g_assert_cmpstr(second->backchannel_logout_uri, ==, most.backchannel_logout_uri);
    g_assert_cmpstr(*second->post_logout_redirect_uris, ==, PEOPLE_REDIRECT);
}

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void what_can_be_no_app_is_refused(void)
{
    const struct {
        RegistrationAsked asked;
        Reason reason;
    } rows[] = {
        {{.client_name = "Shop"}, REASON_CLIENT_REDIRECT},
        {{.redirect_uris = LIST(NULL)}, REASON_CLIENT_REDIRECT},
        {{.redirect_uris = LIST("http://shop.example/")}, REASON_CLIENT_REDIRECT},
        {{.redirect_uris = LIST("https://shop.example/#a")}, REASON_CLIENT_REDIRECT},
        {{.redirect_uris = LIST(PEOPLE_REDIRECT, "javascript:alert(1)"),
          .application_type = "native"},
         REASON_CLIENT_REDIRECT},
        {{.redirect_uris = LIST("com.example.app:/back")}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .application_type = "service"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .token_endpoint_auth_method = "client_secret_basic"},
         REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .token_endpoint_auth_method = ""}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .grant_types = LIST("refresh_token")}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .grant_types = LIST("authorization_code", "implicit")},
         REASON_CLIENT_METADATA},
        {{.redirect_uris = uris,
          .grant_types =
              LIST("authorization_code", "urn:ietf:params:oauth:grant-type:device_code")},
         REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .response_types = LIST("code", "id_token")},
         REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .response_types = LIST("token")}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .response_types = LIST(NULL)}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .subject_type = "public"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .id_token_signed_response_alg = "none"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .id_token_signed_response_alg = "HS256"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .scope = "openid token.introspect"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .scope = "email"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .scope = "\""}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .client_name = "acme"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .client_name = ""}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .post_logout_redirect_uris = LIST("/out")},
         REASON_CLIENT_REDIRECT},
        {{.redirect_uris = uris, .backchannel_logout_uri = "http://shop.example/"},
         REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .policy_uri = "http://shop.example/"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .tos_uri = "javascript:alert(1)"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .logo_uri = "https://a@shop.example/"}, REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .logo_uri = "https://shop.example/\xe2\x80\xae"},
         REASON_CLIENT_METADATA},
        {{.redirect_uris = uris, .software_statement = "a.b.c"}, REASON_SOFTWARE_STATEMENT},
    };
    g_autoptr(House) house = house_new();

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Reason reason = REASON_NONE;
        g_autoptr(App) app = ask(house, &rows[i].asked, &reason);
        g_test_message("row %u", i);
        g_assert_null(app);
        g_assert_cmpint(reason, ==, rows[i].reason);
    }
}

static void each_address_has_a_budget_for_a_day(void)
{
    const RegistrationAsked wrong = {.redirect_uris = uris, .scope = "root"};
    const RegistrationAsked good = {.redirect_uris = uris};
    g_autoptr(House) house = house_new();
    Caller neighbour = house_caller(house, CALLER_NONE);
    RegistrationAsked other = good;
    Reason reason = REASON_NONE;

    neighbour.address = "198.51.100.7";
    other.caller = &neighbour;
    g_assert_null(ask(house, &wrong, &reason)); /* costs nothing */
    for (guint i = 0; i < 20; i++) {
        g_autoptr(App) app = ask(house, &good, &reason);
        g_assert_nonnull(app);
    }
    g_assert_null(ask(house, &good, &reason));
    g_assert_cmpint(reason, ==, REASON_TOO_MANY);
    g_autoptr(App) elsewhere = ask(house, &other, &reason);
    g_assert_nonnull(elsewhere);
    house_advance(house, USEC_PER_DAY / 20);
    g_autoptr(App) later = ask(house, &good, &reason);
    g_assert_nonnull(later);
}

static void all_addresses_together_have_one_as_well(void)
{
    const RegistrationAsked good = {.redirect_uris = uris};
    g_autoptr(House) house = house_new();
    LimitRate *rate = &((Tenant *)house->tenant)->limits[LIMIT_REGISTER_CLIENT];
    Reason reason = REASON_NONE;

    *rate = (LimitRate){1, 86400};
    for (guint i = 0; i < 201; i++) {
        g_autofree char *address = g_strdup_printf("198.51.%u.1", i);
        Caller caller = house_caller(house, CALLER_NONE);
        RegistrationAsked asked = good;
        asked.caller = &caller;
        caller.address = address;
        g_autoptr(App) app = ask(house, &asked, &reason);
        g_assert_true((app != NULL) == (i < 200));
    }
    g_assert_cmpint(reason, ==, REASON_TOO_MANY);
}

static void of_those_that_nobody_verified_there_is_a_number_at_most(void)
{
    const RegistrationAsked good = {.redirect_uris = uris};
    g_autoptr(House) house = house_new();
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    Reason reason = REASON_NONE;
    App app = {.registered = TRUE};

    for (guint i = 0; i < REGISTRATIONS_MAX - 1; i++) {
        random_id(&app.id);
        g_assert_true(registration_settle(txn, &app, TRUE, NULL));
    }
    house_commit(txn);
    g_autofree char *last = register_one(house);
    g_assert_null(ask(house, &good, &reason));
    g_assert_cmpint(reason, ==, REASON_TOO_MANY);
    verify(house, last, TRUE);
    g_autoptr(App) room = ask(house, &good, &reason);
    g_assert_nonnull(room);
}

static void unused_for_thirty_days_it_goes_with_all_that_was_its(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = register_one(house);
    g_autofree char *used = register_one(house);
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autoptr(Identity) identity = NULL;
    TokenAnswer tokens;
    Id id = ID_NONE;

    people_tokens(house, &alice, client_id, "openid", &tokens);
    token_answer_clear(&tokens);
    house_advance(house, REGISTRATION_IDLE_USEC - 10 * USEC_PER_DAY);
    Caller again = people_sign_in_again(house, &alice);
    people_tokens(house, &again, used, "openid", &tokens);
    token_answer_clear(&tokens);
    house_advance(house, 10 * USEC_PER_DAY - 1);
    g_assert_cmpuint(sweep(house), ==, 0);
    house_advance(house, 1);
    g_assert_cmpuint(sweep(house), ==, 1);
    g_assert_false(is_there(house, client_id));
    g_assert_true(is_there(house, used));
    g_assert_true(id_from_text(client_id, &id));
    g_assert_true(people_clear_one(house, NULL));
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_assert_true(identity_find(txn, &alice.account->id, &id, &identity, NULL));
    g_assert_null(identity);
    house_commit(txn);
    caller_clear(&alice);
    caller_clear(&again);
}

/* Each refresh is 20 days after the last: the chain lives, and so does the app. */
static void a_refresh_is_a_use(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = register_one(house);
    Caller alice = people_sign_in(house, "alice@example.org");
    TokenAnswer tokens;

    people_tokens(house, &alice, client_id, "openid offline_access", &tokens);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *last = g_strdup(tokens.refresh_token);
        token_answer_clear(&tokens);
        house_advance(house, 20 * USEC_PER_DAY);
        g_assert_cmpuint(sweep(house), ==, 0);
        g_assert_cmpint(people_refresh(house, client_id, last, NULL, &tokens), ==, OUTCOME_GRANTED);
    }
    token_answer_clear(&tokens);
    caller_clear(&alice);
}

static void a_verified_one_stays_and_one_that_is_no_longer_has_its_time_again(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = register_one(house);
    g_autofree char *added = people_app(house, house->tenant, "Added");

    verify(house, client_id, TRUE);
    house_advance(house, 2 * REGISTRATION_IDLE_USEC);
    g_assert_cmpuint(sweep(house), ==, 0);
    verify(house, client_id, FALSE);
    house_advance(house, REGISTRATION_IDLE_USEC - 1);
    g_assert_cmpuint(sweep(house), ==, 0);
    house_advance(house, 1);
    g_assert_cmpuint(sweep(house), ==, 1);
    g_assert_false(is_there(house, client_id));
    /* What an administrator added is never looked at. */
    verify(house, added, FALSE);
    house_advance(house, 2 * REGISTRATION_IDLE_USEC);
    g_assert_cmpuint(sweep(house), ==, 0);
    g_assert_true(is_there(house, added));
}

static void a_sweep_goes_in_parts_to_the_end(void)
{
    g_autoptr(House) house = house_new();

    ((Tenant *)house->tenant)->limits[LIMIT_REGISTER_CLIENT] = (LimitRate){1000, 1};
    for (guint i = 0; i < 150; i++) {
        g_autofree char *client_id = register_one(house);
    }
    house_advance(house, REGISTRATION_IDLE_USEC);
    g_autofree char *young = register_one(house);
    g_assert_cmpuint(sweep(house), ==, 150);
    g_assert_true(is_there(house, young));
}

static gint64 slow_boot(gpointer data)
{
    (void)data;
    return HOUSE_START_USEC;
}

static void after_a_leap_of_the_clock_nothing_goes(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = register_one(house);

    house->clock.boot_usec = slow_boot; /* no time passes, and the wall clock is set */
    house_advance(house, REGISTRATION_IDLE_USEC);
    g_assert_cmpuint(sweep(house), ==, 0);
    g_assert_true(is_there(house, client_id));
}

static void until_it_is_verified_it_begins_no_device_grant(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = register_one(house);
    Caller caller = house_caller(house, CALLER_NONE);
    const DeviceOpenAsked asked = {.caller = &caller, .client_id = client_id, .scope = "openid"};
    DeviceOpenAnswer answer;

    g_assert_cmpint(house_run(house, &device_open_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_GRANT_NOT_ITS);
    house_clear(&device_open_act, &answer);
    verify(house, client_id, TRUE);
    g_assert_cmpint(house_run(house, &device_open_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&device_open_act, &answer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/registration/" #promise, promise)
    TEST(what_is_not_said_is_chosen);
    TEST(what_can_be_no_app_is_refused);
    TEST(each_address_has_a_budget_for_a_day);
    TEST(all_addresses_together_have_one_as_well);
    TEST(of_those_that_nobody_verified_there_is_a_number_at_most);
    TEST(unused_for_thirty_days_it_goes_with_all_that_was_its);
    TEST(a_refresh_is_a_use);
    TEST(a_verified_one_stays_and_one_that_is_no_longer_has_its_time_again);
    TEST(a_sweep_goes_in_parts_to_the_end);
    TEST(after_a_leap_of_the_clock_nothing_goes);
    TEST(until_it_is_verified_it_begins_no_device_grant);
    return g_test_run();
}
