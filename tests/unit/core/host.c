/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "host.h"

#include "core/session.h"

#include "people.h"

void host_enable(Host *host, const char *service)
{
    const ServiceAsked asked = {&host->root, service};
    PlainAnswer answer;

    g_assert_cmpint(
        house_run(host->house, &service_enable_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

void host_link(Host *host, const char *user, const char *email)
{
    const LinkAsked asked = {.caller = &host->root, .local_user = user, .email = email};
    LinkAnswer answer;

    g_assert_cmpint(house_run(host->house, &link_add_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&link_add_act, &answer);
}

void host_open(Host *host)
{
    host->house = house_new();
    host->root = house_caller(host->house, CALLER_BUS);
    host->remote = "192.0.2.1"; /* where alice's browser is */
    host->terminal = "pts/1";
    host->service = "sshd";
    host_enable(host, "sshd");
    host->alice = people_sign_in(host->house, "alice@example.org");
    host->bob = people_sign_in(host->house, "bob@example.org");
    host_link(host, "alice", "alice@example.org");
}

void host_close(Host *host)
{
    caller_clear(&host->alice);
    caller_clear(&host->bob);
    house_free(host->house);
}

Outcome host_try_open(Host *host, const char *user, DeviceOpenAnswer *ret_answer)
{
    const DeviceOpenAsked asked = {
        .caller = &host->root,
        .pam_service = host->service,
        .local_user = user,
        .remote = host->remote,
        .asker = host->asker,
        .auth_info = host->auth_info,
        .terminal = host->terminal,
        .privileged = host->privileged,
        .superuser = host->superuser,
        .elapsed_usec = host->elapsed_usec,
        .life_usec = LIFE_USEC};

    return house_run(host->house, &device_open_act, &asked, ret_answer);
}

DeviceOpenAnswer host_opened(Host *host, const char *user)
{
    DeviceOpenAnswer answer;

    g_assert_cmpint(host_try_open(host, user, &answer), ==, OUTCOME_GRANTED);
    return answer;
}

void opened_clear(DeviceOpenAnswer *answer)
{
    house_clear(&device_open_act, answer);
}

Outcome
host_account(Host *host, const char *service, const char *user, DeviceAccountAnswer *ret_answer)
{
    const DeviceAccountAsked asked = {
        .caller = &host->root, .pam_service = service, .local_user = user};

    return house_run(host->house, &device_account_act, &asked, ret_answer);
}

Outcome host_look(Host *host, const Caller *caller, const char *code, DeviceLookAnswer *ret_answer)
{
    const DeviceLookAsked asked = {caller, code};

    return house_run(host->house, &device_look_act, &asked, ret_answer);
}

/* The form token is the session's, whatever the code. */
char *host_form_token(Host *host, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    char *token = session_form_token(txn, caller);

    house_commit(txn);
    return token;
}

/* *ret_number: (out) (optional) (transfer full) */
Reason host_decide(
    Host *host,
    const Caller *caller,
    const char *code,
    gboolean approved,
    char **ret_number)
{
    g_autofree char *token = host_form_token(host, caller);
    const DeviceDecideAsked asked = {
        .caller = caller, .user_code = code, .form_token = token, .approved = approved};
    DeviceDecideAnswer answer;
    Outcome outcome = house_run(host->house, &device_decide_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    if (ret_number) {
        *ret_number = g_strdup(answer.number);
    }
    house_clear(&device_decide_act, &answer);
    return reason;
}

static Outcome answer_of(Host *host, const Id *id, const char *typed, Reason *ret_reason)
{
    const DeviceAnswerAsked asked = {&host->root, id, typed};
    DeviceAnswerAnswer answer;
    Outcome outcome = house_run(host->house, &device_answer_act, &asked, &answer);

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.slug[0] != '\0');
    *ret_reason = answer.reason;
    house_clear(&device_answer_act, &answer);
    return outcome;
}

void host_denied(Host *host, const Id *id, const char *typed, Reason wanted)
{
    Reason reason = REASON_NONE;

    g_assert_cmpint(answer_of(host, id, typed, &reason), ==, OUTCOME_DENIED);
    g_assert_cmpint(reason, ==, wanted);
}

void host_outcome_is(Host *host, const Id *id, const char *typed, Outcome wanted)
{
    Reason reason = REASON_NONE;

    g_assert_cmpint(answer_of(host, id, typed, &reason), ==, wanted);
}
