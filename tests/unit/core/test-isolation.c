/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * test-isolation.c - every act, asked in one tenant with what belongs to another: nothing is
 * granted, told or changed
 *
 * tests/lint/check-acts.py sees to it that no act is missing here.
 */

#include "core/account.h"
#include "core/api-key.h"
#include "core/app-token.h"
#include "core/app.h"
#include "core/approval.h"
#include "core/ending.h"
#include "core/event.h"
#include "core/introspection.h"
#include "core/known-key.h"
#include "core/link-request.h"
#include "core/login.h"
#include "core/logout.h"
#include "core/mute.h"
#include "core/one-time.h"
#include "core/outbox.h"
#include "core/pushed.h"
#include "core/registration.h"
#include "core/service.h"
#include "core/session.h"

#include "host.h"
#include "people.h"

#include <string.h>

#define EMAIL "alice@example.org"

/* What belongs to the tenant that is attacked, all of it alive. */
typedef struct World {
    Host host;
    House *house;
    Caller stranger; /* of the other tenant; its kind is the act's */
    char *cookie;    /* alice's session */
    char *client_id;
    char *code; /* not redeemed */
    char *device_code;
    char *event;
    TokenAnswer tokens;
    DeviceOpenAnswer prompt;
    LinkRequestAnswer asking;
    Id account, session, identity, app;
} World;

static void sign_in(World *world)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(Session) session = NULL;
    const Event news = {.subject = EVENT_OF_ACCOUNT, .subject_id = world->account};

    g_assert_true(
        session_start(txn, &world->account, &world->host.alice, &session, &world->cookie, NULL));
    world->session = session->id;
    g_assert_true(event_write(txn, &news, &world->event, NULL));
    house_commit(txn);
}

static void find_identity(World *world)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    ChainAccess access;

    g_assert_true(chain_find_access(txn, world->tokens.access_token, NULL, &access, NULL));
    world->identity = access.identity->id;
    world->app = access.identity->app;
    chain_free(access.chain);
    identity_free(access.identity);
    house_commit(txn);
}

static void open_device(World *world)
{
    Caller caller = house_caller(world->house, CALLER_NONE);
    const DeviceOpenAsked asked = {
        .caller = &caller, .client_id = world->client_id, .scope = "openid"};
    DeviceOpenAnswer answer;

    g_assert_cmpint(
        house_run(world->house, &device_open_act, &asked, &answer), ==, OUTCOME_GRANTED);
    world->device_code = g_strdup(answer.device_code);
    house_clear(&device_open_act, &answer);
}

static void ask_for_link(World *world)
{
    const LinkAsked asked = {.caller = &world->host.root, .local_user = "carol"};

    g_assert_cmpint(
        house_run(world->house, &link_request_open_act, &asked, &world->asking), ==,
        OUTCOME_GRANTED);
}

static void set_up(World *world, G_GNUC_UNUSED gconstpointer data)
{
    memset(world, 0, sizeof(*world));
    host_open(&world->host);
    world->house = world->host.house;
    world->account = world->host.alice.account->id;
    world->stranger = house_caller(world->house, CALLER_NONE);
    world->stranger.tenant = world->house->other;
    world->client_id = people_app(world->house, world->house->tenant, "Bakery");
    people_tokens(
        world->house, &world->host.alice, world->client_id, "openid offline_access",
        &world->tokens);
    world->code = people_code(world->house, &world->host.alice, world->client_id, "openid");
    world->prompt = host_opened(&world->host, "alice");
    ask_for_link(world);
    sign_in(world);
    find_identity(world);
    open_device(world);
}

/* All of it is as alive as before. */
static void nothing_changed(World *world)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(Session) session = NULL;
    g_autoptr(Account) account = NULL;
    g_autoptr(App) app = NULL;
    TokenAnswer answer;

    g_assert_true(session_find(txn, world->cookie, &session, &account, NULL));
    g_assert_true(session && id_equal(&account->id, &world->account));
    g_assert_cmpint(account->state, ==, ACCOUNT_ACTIVE);
    g_assert_true(app_find(txn, world->client_id, &app, NULL));
    g_assert_true(app && g_str_equal(app->name, "Bakery"));
    house_commit(txn);
    g_assert_true(people_access(world->house, world->tokens.access_token));
    g_assert_cmpint(
        people_redeem(world->house, world->client_id, world->code, PEOPLE_VERIFIER, &answer), ==,
        OUTCOME_GRANTED);
    token_answer_clear(&answer);
    host_outcome_is(&world->host, &world->prompt.id, NULL, OUTCOME_PENDING);
    const LinkFinishAsked finish = {.caller = &world->host.root, .id = &world->asking.id};
    LinkAnswer waits;
    g_assert_cmpint(
        house_run(world->house, &link_request_finish_act, &finish, &waits), ==, OUTCOME_PENDING);
    house_clear(&link_request_finish_act, &waits);
}

static void tear_down(World *world, G_GNUC_UNUSED gconstpointer data)
{
    nothing_changed(world);
    token_answer_clear(&world->tokens);
    opened_clear(&world->prompt);
    house_clear(&link_request_open_act, &world->asking);
    g_free(world->cookie);
    g_free(world->client_id);
    g_free(world->code);
    g_free(world->device_code);
    g_free(world->event);
    host_close(&world->host);
}

/* FALSE: DENIED. The answer is cleared. */
static gboolean granted(World *world, const ActType *act, gconstpointer asked)
{
    g_autofree gpointer answer = g_malloc0(act->answer_size);
    Outcome outcome = house_run(world->house, act, asked, answer);

    house_clear(act, answer);
    return outcome != OUTCOME_DENIED;
}

static const Caller *as(World *world, CallerKind kind)
{
    world->stranger.kind = kind;
    return &world->stranger;
}

static void apps_of_another_tenant_are_not_there(World *world, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const uris[] = {"https://evil.example/back", NULL};
    const AppAsked asked = {
        .caller = as(world, CALLER_BUS), .id = &world->app, .name = "Evil", .redirect_uris = uris};
    AppAnswer answer;

    g_assert_false(granted(world, &app_show_act, &asked));
    g_assert_false(granted(world, &app_set_act, &asked));
    g_assert_false(granted(world, &app_remove_act, &asked));
    g_assert_true(granted(world, &app_add_act, &asked)); /* of the stranger's own */
    g_assert_cmpint(house_run(world->house, &app_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(answer.apps->len, ==, 1);
    const RegistrationAsked own = {.caller = &world->stranger, .redirect_uris = uris};
    g_assert_true(granted(world, &registration_add_act, &own));
    const SweepAsked sweep = {.caller = &world->stranger, .after = world->app};
    g_assert_true(granted(world, &registration_sweep_act, &sweep)); /* and removes nothing */
    const EndingAsked ending = {.caller = &world->stranger};
    g_assert_true(granted(world, &ending_step_act, &ending)); /* nothing has ended there */
    house_clear(&app_list_act, &answer);
}

static void keys_of_another_tenant_are_not_there(World *world, G_GNUC_UNUSED gconstpointer data)
{
    Caller administrator = house_caller(world->house, CALLER_BUS);
    const ApiKeyAsked own = {.caller = &administrator, .app = &world->app};
    ApiKeyAnswer made;
    AppTokenAnswer got;
    AppToken *token = NULL;
    App *app = NULL;

    g_assert_cmpint(house_run(world->house, &api_key_add_act, &own, &made), ==, OUTCOME_GRANTED);
    const ApiKeyAsked asked = {.caller = as(world, CALLER_BUS), .app = &world->app, .id = &made.id};
    g_assert_false(granted(world, &api_key_add_act, &asked));
    g_assert_false(granted(world, &api_key_list_act, &asked));
    g_assert_false(granted(world, &api_key_revoke_act, &asked));
    AppTokenAsked exchange = {.caller = &world->stranger, .api_key = made.secret};
    g_assert_false(granted(world, &app_token_exchange_act, &exchange));

    /* run.c finds the caller so for introspection_look. */
    exchange.caller = &administrator;
    g_assert_cmpint(
        house_run(world->house, &app_token_exchange_act, &exchange, &got), ==, OUTCOME_GRANTED);
    g_autoptr(Txn) txn = house_begin(world->house, world->house->other);
    g_assert_true(app_token_find(txn, got.access_token, &token, &app, NULL));
    g_assert_null(token);
    g_assert_null(app);
    house_commit(txn);
    house_clear(&app_token_exchange_act, &got);
    house_clear(&api_key_add_act, &made);
}

static void accounts_and_sessions_of_another_tenant_are_not_there(
    World *world,
    G_GNUC_UNUSED gconstpointer data)
{
    const AccountAsked by_id = {.caller = as(world, CALLER_BUS), .id = &world->account};
    const AccountAsked by_email = {.caller = &world->stranger, .email = EMAIL};
    const SessionListAsked sessions = {
        .caller = &world->stranger, .account = &world->account, .session = &world->session};
    SessionListAnswer answer;

    g_assert_false(granted(world, &account_show_act, &by_id));
    g_assert_false(granted(world, &account_show_act, &by_email));
    g_assert_false(granted(world, &account_suspend_act, &by_id));
    g_assert_false(granted(world, &account_resume_act, &by_id));
    g_assert_false(granted(world, &session_revoke_act, &sessions));
    if (house_run(world->house, &session_list_act, &sessions, &answer) == OUTCOME_GRANTED) {
        g_assert_cmpuint(answer.sessions->len, ==, 0);
    }
    house_clear(&session_list_act, &answer);
    g_assert_true(granted(world, &account_add_act, &by_email)); /* another account */
}

static void a_cookie_of_another_tenant_is_nobodys(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->other);
    g_autoptr(Session) session = NULL;
    g_autoptr(Account) account = NULL;

    /* run.c finds the caller so for: me_show, me_leave, one_time_draw, session_sign_out,
     * session_sign_out_everywhere, device_look, device_decide, authorize_begin, authorize_decide,
     * logout_begin, logout_confirm. */
    g_assert_true(session_find(txn, world->cookie, &session, &account, NULL));
    g_assert_null(session);
    g_assert_null(account);
    house_commit(txn);
}

/* DENIED, or BROKEN because what belongs to a tenant does not open in another. */
static void does_nothing(World *world, const ActType *act, gconstpointer asked)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->other);
    g_autofree gpointer answer = g_malloc0(act->answer_size);
    g_autoptr(GError) error = NULL;
    Outcome outcome = act->run(txn, asked, answer, &error);

    g_assert_true(outcome == OUTCOME_DENIED || outcome == OUTCOME_BROKEN);
    g_assert_true((outcome == OUTCOME_BROKEN) == (error != NULL));
    house_clear(act, answer);
}

/* Even with the session's own objects, which run.c would never find in this tenant. */
static void a_session_of_another_tenant_does_nothing(World *world, G_GNUC_UNUSED gconstpointer data)
{
    Caller forged = world->host.alice;
    g_autofree char *token = host_form_token(&world->host, &world->host.alice);
    const MeAsked me = {.caller = &forged, .form_token = token};
    const MeAsked leave = {.caller = &forged, .form_token = token, .target = &world->identity};
    const OneTimeDrawAsked one_time = {&forged, token, &world->identity};
    const DeviceLookAsked look = {&forged, world->prompt.user_code};
    const DeviceDecideAsked decide = {&forged, world->prompt.user_code, token, TRUE, FALSE};
    const LinkPageAsked link = {&forged, world->asking.user_code, token, TRUE};
    const AuthorizeAsked begin = {
        .caller = &forged, .parameters = people_parameters(world->client_id)};
    const AuthorizeAsked approve = {
        .caller = &forged, .sealed = world->code, .form_token = token, .approved = TRUE};

    const LogoutAsked logout = {.caller = &forged, .client_id = world->client_id};
    const LogoutAsked confirm = {.caller = &forged, .sealed = world->code, .form_token = token};

    forged.tenant = world->house->other;
    does_nothing(world, &logout_begin_act, &logout);
    does_nothing(world, &logout_confirm_act, &confirm);
    does_nothing(world, &me_show_act, &me);
    does_nothing(world, &me_leave_act, &leave);
    does_nothing(world, &mute_end_act, &leave);
    does_nothing(world, &known_key_end_act, &leave);
    does_nothing(world, &one_time_draw_act, &one_time);
    does_nothing(world, &session_sign_out_act, &me);
    does_nothing(world, &session_sign_out_everywhere_act, &me);
    does_nothing(world, &device_look_act, &look);
    does_nothing(world, &device_decide_act, &decide);
    does_nothing(world, &link_request_look_act, &link);
    does_nothing(world, &link_request_decide_act, &link);
    does_nothing(world, &authorize_begin_act, &begin);
    does_nothing(world, &authorize_decide_act, &approve);
}

static void
tokens_and_codes_of_another_tenant_are_nothing(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const GrantRedeemAsked redeem = {
        .caller = as(world, CALLER_NONE),
        .client_id = world->client_id,
        .code = world->code,
        .redirect_uri = PEOPLE_REDIRECT,
        .code_verifier = PEOPLE_VERIFIER};
    const RefreshAsked refresh = {
        .caller = &world->stranger,
        .client_id = world->client_id,
        .refresh_token = world->tokens.refresh_token};
    const DevicePollAsked poll = {
        .caller = &world->stranger,
        .client_id = world->client_id,
        .device_code = world->device_code};
    const char *const secrets[] = {world->tokens.access_token, world->tokens.refresh_token};
    ChainAccess access;

    const PushAsked push = {
        .caller = &world->stranger, .parameters = people_parameters(world->client_id)};

    g_assert_false(granted(world, &pushed_put_act, &push));
    g_assert_false(granted(world, &grant_redeem_act, &redeem));
    g_assert_false(granted(world, &chain_refresh_act, &refresh));
    g_assert_false(granted(world, &device_poll_act, &poll));
    for (gsize i = 0; i < G_N_ELEMENTS(secrets); i++) {
        const RevokeAsked revoke = {&world->stranger, world->client_id, secrets[i]};
        (void)granted(world, &chain_revoke_act, &revoke); /* RFC 7009: unknown is fine */
    }
    /* run.c finds the caller of chain_userinfo so. */
    g_autoptr(Txn) txn = house_begin(world->house, world->house->other);
    g_assert_true(chain_find_access(txn, world->tokens.access_token, NULL, &access, NULL));
    g_assert_true(!access.chain && !access.identity);
    house_commit(txn);
}

static void
prompts_and_links_of_another_tenant_are_not_there(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const DeviceAnswerAsked answer = {as(world, CALLER_BUS), &world->prompt.id, ""};
    const DeviceAccountAsked account = {&world->stranger, "sshd", "alice", "7F3K-2M"};
    const DeviceOpenAsked open = {
        .caller = &world->stranger,
        .pam_service = "sshd",
        .local_user = "alice",
        .life_usec = LIFE_USEC};
    const DeviceOpenAsked grant = {
        .caller = &world->stranger, .client_id = world->client_id, .scope = "openid"};
    const LinkAsked link = {.caller = &world->stranger, .local_user = "alice", .email = EMAIL};
    const ServiceAsked service = {&world->stranger, "sshd"};
    LinkAnswer links;
    ServiceAnswer services;

    g_assert_false(granted(world, &device_answer_act, &answer));
    (void)granted(world, &device_cancel_act, &answer); /* what is not there is cancelled */
    g_assert_false(granted(world, &device_account_act, &account));
    g_assert_false(granted(world, &device_account_note_act, &account));
    g_assert_false(granted(world, &device_open_act, &open));
    g_assert_false(granted(world, &device_open_act, &grant));
    g_assert_false(granted(world, &link_remove_act, &link));
    g_assert_false(granted(world, &link_own_remove_act, &link));
    g_assert_false(granted(world, &link_request_open_act, &link)); /* no service is enabled there */
    const LinkFinishAsked finish = {.caller = &world->stranger, .id = &world->asking.id};
    g_assert_false(granted(world, &link_request_finish_act, &finish));
    g_assert_false(granted(world, &link_request_cancel_act, &finish));
    g_assert_cmpint(
        house_run(world->house, &link_own_list_act, &link, &links), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(links.rows->len, ==, 0);
    house_clear(&link_own_list_act, &links);
    const KnownKeyAsked keys = {&world->stranger, "alice"};
    KnownKeyAnswer known;
    g_assert_false(granted(world, &known_key_end_all_act, &keys));
    g_assert_cmpint(
        house_run(world->house, &known_key_list_act, &keys, &known), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(known.rows->len, ==, 0);
    house_clear(&known_key_list_act, &known);
    g_assert_false(granted(world, &service_disable_act, &service));
    g_assert_cmpint(house_run(world->house, &link_list_act, &link, &links), ==, OUTCOME_GRANTED);
    g_assert_true(!links.rows || links.rows->len == 0);
    house_clear(&link_list_act, &links);
    g_assert_cmpint(
        house_run(world->house, &service_list_act, &service, &services), ==, OUTCOME_GRANTED);
    g_assert_true(!services.rows || services.rows->len == 0);
    house_clear(&service_list_act, &services);
    g_assert_false(granted(world, &link_add_act, &link)); /* no service is enabled there */
    (void)granted(world, &service_enable_act, &service);  /* one of the stranger's own */
}

static void
an_administrator_of_another_tenant_meets_no_approval(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const ApprovalAsked asked = {
        .caller = as(world, CALLER_BUS),
        .own_user = "alice",
        .everybody = TRUE,
        .id = &world->prompt.id,
        .ids = &world->prompt.id,
        .n_ids = 1};
    ApprovalAnswer answer;

    does_nothing(world, &approval_deny_act, &asked);
    does_nothing(world, &approval_approve_act, &asked);
    g_assert_cmpint(
        house_run(world->house, &approval_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(answer.rows->len, ==, 0);
    house_clear(&approval_list_act, &answer);
    g_assert_cmpint(
        house_run(world->house, &approval_news_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_null(answer.local_user);
    house_clear(&approval_news_act, &answer);
}

/* With the link of the mail that waits. */
static void nobody_is_elsewhere(World *world)
{
    const Caller own = house_caller(world->house, CALLER_DAEMON);
    const OutboxAsked look = {.caller = &own, .max = 10};
    OutboxAnswer mail;

    g_assert_cmpint(house_run(world->house, &outbox_take_act, &look, &mail), ==, OUTCOME_GRANTED);
    const OutboxEntry *entry = mail.entries->pdata[0];
    g_autoptr(Txn) txn = house_begin(world->house, world->house->other);
    g_autofree char *form = browser_form_token(txn, NULL);
    house_commit(txn);
    const LoginElsewhereAsked asked = {
        .caller = as(world, CALLER_NONE), .link = entry->link, .form_token = form};
    g_assert_false(granted(world, &login_draw_number_act, &asked));
    g_assert_false(granted(world, &login_disown_act, &asked));
    house_clear(&outbox_take_act, &mail);
}

static void
events_and_mail_of_another_tenant_are_not_told(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const EventAsked event = {as(world, CALLER_BUS), world->event};
    Caller browser = house_caller(world->house, CALLER_NONE);
    const LoginAskAsked ask = {.caller = &browser, .email = EMAIL};
    LoginAskAnswer asked;
    OutboxAnswer mail;

    g_assert_false(granted(world, &event_explain_act, &event));
    g_assert_cmpint(house_run(world->house, &login_ask_act, &ask, &asked), ==, OUTCOME_GRANTED);
    world->stranger.browser = asked.browser_cookie;
    const LoginLookAsked look = {.caller = as(world, CALLER_NONE)};
    const LoginRedeemAsked redeem = {.caller = &world->stranger, .code = "00000000"};
    g_assert_false(granted(world, &login_look_act, &look));
    g_assert_false(granted(world, &login_redeem_act, &redeem));
    world->stranger.browser = NULL;
    house_clear(&login_ask_act, &asked);
    nobody_is_elsewhere(world);

    const OutboxAsked take = {.caller = as(world, CALLER_DAEMON), .max = 10};
    g_assert_cmpint(house_run(world->house, &outbox_look_act, &take, &mail), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(mail.waiting, ==, 0);
    house_clear(&outbox_look_act, &mail);
    g_assert_cmpint(house_run(world->house, &outbox_take_act, &take, &mail), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(mail.entries->len, ==, 0);
    house_clear(&outbox_take_act, &mail);
    const guint32 today = (guint32)(world->house->now_usec / USEC_PER_DAY);
    const OutboxAsked done = {.caller = &world->stranger, .day = today, .number = 0};
    (void)granted(world, &outbox_done_act, &done);
    (void)granted(world, &outbox_later_act, &done);
    const Caller own = house_caller(world->house, CALLER_DAEMON);
    const OutboxAsked still = {.caller = &own, .max = 10};
    g_assert_cmpint(house_run(world->house, &outbox_look_act, &still, &mail), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(mail.waiting, ==, 1);
    house_clear(&outbox_look_act, &mail);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise)                                                                              \
    g_test_add("/core/isolation/" #promise, World, NULL, set_up, promise, tear_down)
    TEST(apps_of_another_tenant_are_not_there);
    TEST(keys_of_another_tenant_are_not_there);
    TEST(accounts_and_sessions_of_another_tenant_are_not_there);
    TEST(a_cookie_of_another_tenant_is_nobodys);
    TEST(a_session_of_another_tenant_does_nothing);
    TEST(tokens_and_codes_of_another_tenant_are_nothing);
    TEST(prompts_and_links_of_another_tenant_are_not_there);
    TEST(an_administrator_of_another_tenant_meets_no_approval);
    TEST(events_and_mail_of_another_tenant_are_not_told);
    return g_test_run();
}
