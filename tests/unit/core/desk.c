/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "desk.h"

#include "core/outbox.h"

void desk_open(Desk *desk)
{
    desk->house = house_new();
    desk->alice = people_sign_in(desk->house, ALICE);
}

static void desk_forget(Desk *desk)
{
    g_clear_pointer(&desk->cookie, g_free);
    g_clear_pointer(&desk->to, g_free);
    g_clear_pointer(&desk->link, g_free);
    g_clear_pointer(&desk->code, g_free);
}

void desk_close(Desk *desk)
{
    desk_forget(desk);
    caller_clear(&desk->alice);
    house_free(desk->house);
}

static void take_mail(Desk *desk)
{
    Caller caller = house_caller(desk->house, CALLER_DAEMON);
    const OutboxAsked asked = {.caller = &caller, .max = 10};
    OutboxAnswer answer;

    g_assert_cmpint(house_run(desk->house, &outbox_take_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    const OutboxEntry *entry = answer.entries->pdata[0];
    desk->to = g_strdup(entry->to);
    desk->link = g_strdup(entry->link);
    desk->code = g_strdup(entry->code);
    const OutboxAsked done = {.caller = &caller, .day = entry->day, .number = entry->number};
    OutboxAnswer sent;
    (void)house_run(desk->house, &outbox_done_act, &done, &sent);
    house_clear(&outbox_done_act, &sent);
    house_clear(&outbox_take_act, &answer);
}

Reason desk_ask(Desk *desk, const char *email, const char *browser)
{
    Caller caller = house_caller(desk->house, CALLER_NONE);
    g_autofree char *held = g_strdup(browser);
    const LoginAskAsked asked = {.caller = &caller, .email = email, .locale = "en"};
    LoginAskAnswer answer;

    caller.browser = held;
    Outcome outcome = house_run(desk->house, &login_ask_act, &asked, &answer);
    Reason reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    if (outcome == OUTCOME_GRANTED) {
        desk_forget(desk);
        desk->cookie = g_strdup(answer.browser_cookie);
        take_mail(desk);
    }
    house_clear(&login_ask_act, &answer);
    return reason;
}

char *desk_form(Desk *desk, const char *browser)
{
    g_autoptr(Txn) txn = house_begin(desk->house, desk->house->tenant);

    return browser_form_token(txn, browser);
}

/* One of the three. */
static Reason redeem(
    Desk *desk,
    const char *browser,
    const char *link,
    const char *code,
    const char *number,
    char **ret_session)
{
    Caller caller = house_caller(desk->house, CALLER_SESSION_MAYBE);
    g_autofree char *form = desk_form(desk, browser);
    const LoginRedeemAsked asked = {
        .caller = &caller, .link = link, .code = code, .number = number, .form_token = form};
    LoginRedeemAnswer answer;

    caller.browser = browser;
    Outcome outcome = house_run(desk->house, &login_redeem_act, &asked, &answer);
    Reason reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.session_cookie != NULL);
    if (ret_session) {
        *ret_session = g_strdup(answer.session_cookie);
    }
    house_clear(&login_redeem_act, &answer);
    return reason;
}

Reason
desk_redeem(Desk *desk, const char *browser, const char *link, const char *code, char **ret_session)
{
    return redeem(desk, browser, link, code, NULL, ret_session);
}

Reason desk_type_number(Desk *desk, const char *browser, const char *number)
{
    return redeem(desk, browser, NULL, NULL, number, NULL);
}

Reason desk_look(Desk *desk, const char *browser, const char *link, char **ret_email)
{
    Caller caller = house_caller(desk->house, CALLER_NONE);
    const LoginLookAsked asked = {.caller = &caller, .link = link};
    LoginLookAnswer answer;

    caller.browser = browser;
    (void)house_run(desk->house, &login_look_act, &asked, &answer);
    Reason reason = answer.reason;
    gboolean pending = reason == REASON_NONE || reason == REASON_LINK_ELSEWHERE;
    g_assert_cmpint(pending, ==, answer.form_token != NULL);
    if (ret_email) {
        *ret_email = g_strdup(answer.email);
    }
    house_clear(&login_look_act, &answer);
    return reason;
}

/* One of the acts of another browser. */
static Reason
elsewhere(Desk *desk, const ActType *act, const char *browser, const char *link, char **ret_number)
{
    Caller caller = house_caller(desk->house, CALLER_NONE);
    g_autofree char *form = desk_form(desk, browser);
    const LoginElsewhereAsked asked = {.caller = &caller, .link = link, .form_token = form};
    LoginElsewhereAnswer answer;

    caller.browser = browser;
    Outcome outcome = house_run(desk->house, act, &asked, &answer);
    Reason reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    if (ret_number) {
        *ret_number = g_strdup(answer.number);
    }
    house_clear(act, &answer);
    return reason;
}

Reason desk_draw(Desk *desk, const char *browser, const char *link, char **ret_number)
{
    return elsewhere(desk, &login_draw_number_act, browser, link, ret_number);
}

Reason desk_disown(Desk *desk, const char *browser, const char *link)
{
    return elsewhere(desk, &login_disown_act, browser, link, NULL);
}
