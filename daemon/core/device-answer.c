/* SPDX-License-Identifier: GPL-3.0-or-later */

/* device-answer.c - the other end: the prompt of a conversation, and the token endpoint */

#include "core/account.h"
#include "core/app-resource.h"
#include "core/device-inside.h"
#include "core/known-key.h"
#include "core/mute.h"
#include "core/one-time.h"
#include "core/token-budget.h"
#include "crypto/token.h"

#include <string.h>

#define SLOWER_SECONDS 5U

static void answer_clear(gpointer data)
{
    g_clear_pointer(&((DeviceAnswerAnswer *)data)->event, g_free);
}

static Outcome refuse(DeviceAnswerAnswer *answer, const Device *device, Reason reason)
{
    answer->reason = reason;
    answer->event = g_strdup(device ? device->event : NULL);
    return OUTCOME_DENIED;
}

/* Ends the conversation, and says why. */
static Outcome
end(Txn *txn, Device *device, DeviceAnswerAnswer *answer, Reason reason, GError **error)
{
    return device_end(txn, device, DEVICE_DECLINED, reason, error) ? refuse(answer, device, reason)
                                                                   : OUTCOME_BROKEN;
}

static gboolean number_fits(Txn *txn, const Device *device, const char *typed)
{
    guint8 mac[32];

    device_code_mac(txn, "number", device->id.bytes, ID_BYTES, typed, mac);
    return secret_equal(mac, device->number_mac, sizeof(mac));
}

/* Who was suspended since he signed in is not good, even when he is back. */
static gboolean approver_is_good(
    Txn *txn,
    const Device *device,
    Identity **ret_identity,
    gboolean *ret_good,
    GError **error)
{
    g_autoptr(Account) account = NULL;

    if (!chain_is_good(txn, &device->identity, NULL, ret_identity, ret_good, error) ||
        !account_load(txn, &device->account, &account, error)) {
        return FALSE;
    }
    *ret_good = *ret_good && account && account_admits(account, device->auth_usec);
    return TRUE;
}

gboolean device_judge_approver(
    Txn *txn,
    const Device *device,
    gboolean by_code,
    Reason *ret_reason,
    Identity **ret_identity,
    GError **error)
{
    gboolean good = FALSE;
    gboolean linked = FALSE;
    gboolean muted = FALSE;
    Id identity = ID_NONE;

    if (!mute_is_on(txn, &device->account, device, &muted, error) ||
        !link_exists(txn, device->service, device->local_user, &linked, error) ||
        !link_find(txn, &device->account, device->service, device->local_user, &identity, error) ||
        !approver_is_good(txn, device, ret_identity, &good, error)) {
        return FALSE;
    }
    *ret_reason = REASON_NONE;
    if (!good) {
        *ret_reason = REASON_SUSPENDED;
    } else if (id_is_none(&identity) || !id_equal(&identity, &device->identity)) {
        *ret_reason = linked ? REASON_OTHER_ACCOUNT : REASON_NO_LINK;
    } else if (muted && !by_code) {
        *ret_reason = REASON_MUTED;
    }
    return TRUE;
}

/* The one place where a conversation is granted; SPENT makes it once. */
static Outcome
grant(Txn *txn, const Caller *caller, Device *device, DeviceAnswerAnswer *answer, GError **error)
{
    g_autoptr(Identity) identity = NULL;
    Reason reason = REASON_NONE;

    if (!device_judge_approver(txn, device, answer->by_code, &reason, &identity, error)) {
        return OUTCOME_BROKEN;
    }
    if (reason != REASON_NONE) {
        return end(txn, device, answer, reason, error);
    }
    if (!device_end(txn, device, DEVICE_SPENT, REASON_NONE, error) ||
        !known_key_keep(txn, caller, device, error)) {
        return OUTCOME_BROKEN;
    }
    answer->by_key = device_is_known(device);
    answer->event = g_strdup(device->event);
    id_to_text(&identity->slug, answer->slug);
    return OUTCOME_GRANTED;
}

static Outcome answer_approved(
    Txn *txn,
    const DeviceAnswerAsked *asked,
    Device *device,
    DeviceAnswerAnswer *answer,
    GError **error)
{
    const char *typed = asked->typed;

    if (!device->number_wanted) {
        return typed && *typed ? end(txn, device, answer, REASON_NUMBER_WRONG, error)
                               : grant(txn, asked->caller, device, answer, error);
    }
    if (!typed || !*typed) {
        answer->number_wanted = TRUE;
        return OUTCOME_PENDING;
    }
    return number_fits(txn, device, typed) ? grant(txn, asked->caller, device, answer, error)
                                           : end(txn, device, answer, REASON_NUMBER_WRONG, error);
}

/* Whoever drew it approves, instead of anybody on a page. All that is typed before an approval is
 * judged so: sshd replaces what strangers to the host type, and none of them must see a difference.
 */
static Outcome answer_one_time(
    Txn *txn,
    const DeviceAnswerAsked *asked,
    Device *device,
    DeviceAnswerAnswer *answer,
    GError **error)
{
    OneTimeEnd one = ONE_TIME_WRONG;

    if (!one_time_redeem(txn, asked->caller, asked->typed, device, &one, error)) {
        return OUTCOME_BROKEN;
    }
    if (one == ONE_TIME_RIGHT) {
        answer->by_code = TRUE;
        return grant(txn, asked->caller, device, answer, error);
    }
    static const Reason reasons[] = {
        [ONE_TIME_WRONG] = REASON_ONE_TIME_WRONG,
        [ONE_TIME_OLD_SIGN_IN] = REASON_NEW_SIGN_IN,
        [ONE_TIME_TOO_OFTEN] = REASON_TOO_MANY};
    return end(txn, device, answer, reasons[one], error);
}

/* Nobody has approved: what is typed is a one-time code, or no right number. Enter waits for the
 * page; where none can approve there is nothing to wait for, and it is no code. */
static Outcome answer_pending(
    Txn *txn,
    const DeviceAnswerAsked *asked,
    Device *device,
    DeviceAnswerAnswer *answer,
    GError **error)
{
    const gboolean codes = service_takes_codes(asked->caller->config, device->service);

    if (!asked->typed || (!*asked->typed && device_takes_approval(device))) {
        return OUTCOME_PENDING;
    }
    if (*asked->typed && codes) {
        return answer_one_time(txn, asked, device, answer, error);
    }
    return end(txn, device, answer, codes ? REASON_ONE_TIME_WRONG : REASON_NUMBER_WRONG, error);
}

Outcome device_answer(
    Txn *txn,
    const DeviceAnswerAsked *asked,
    DeviceAnswerAnswer *ret_answer,
    GError **error)
{
    g_autoptr(Device) device = NULL;
    g_autoptr(Service) service = NULL;

    if (!device_load(txn, asked->id, &device, error)) {
        return OUTCOME_BROKEN;
    }
    if (!device || !device_is_for_service(device)) {
        return refuse(ret_answer, NULL, REASON_NOT_FOUND);
    }
    if (!service_find(txn, asked->caller->config, device->service, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (device->state != DEVICE_PENDING && device->state != DEVICE_APPROVED) {
        return refuse(
            ret_answer, device,
            device->state == DEVICE_SPENT ? REASON_CODE_EXPIRED : (Reason)device->reason);
    }
    if (device->expires_usec <= txn_now(txn)) {
        return end(txn, device, ret_answer, REASON_CODE_EXPIRED, error);
    }
    if (!service) {
        return end(txn, device, ret_answer, REASON_SERVICE_OFF, error);
    }
    return device->state == DEVICE_APPROVED ? answer_approved(txn, asked, device, ret_answer, error)
                                            : answer_pending(txn, asked, device, ret_answer, error);
}

Outcome
device_cancel(Txn *txn, const DeviceAnswerAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    g_autoptr(Device) device = NULL;

    if (!device_load(txn, asked->id, &device, error)) {
        return OUTCOME_BROKEN;
    }
    if (!device || (device->state != DEVICE_PENDING && device->state != DEVICE_APPROVED)) {
        ret_answer->reason = REASON_NOT_FOUND;
        return OUTCOME_DENIED;
    }
    txn_set_revoking(txn);
    return device_end(txn, device, DEVICE_CANCELLED, REASON_CANCELLED, error) ? OUTCOME_GRANTED
                                                                              : OUTCOME_BROKEN;
}

static Outcome refuse_poll(TokenAnswer *answer, Reason reason, const char *description)
{
    answer->reason = reason;
    answer->description = description;
    return OUTCOME_DENIED;
}

/* RFC 8628 3.5: slow_down adds five seconds, for this and all later polls. */
static Outcome poll_pending(Txn *txn, Device *device, TokenAnswer *answer, GError **error)
{
    gboolean too_soon =
        device->polled_usec && txn_now(txn) - device->polled_usec < device->interval * USEC_PER_SEC;

    device->interval += too_soon ? SLOWER_SECONDS : 0;
    device->polled_usec = txn_now(txn);
    if (!device_save(txn, device, error)) {
        return OUTCOME_BROKEN;
    }
    return too_soon ? refuse_poll(answer, REASON_SLOW_DOWN, "ask five seconds less often")
                    : refuse_poll(answer, REASON_AUTHORIZATION_PENDING, "nobody has decided yet");
}

static Outcome poll_approved(
    Txn *txn,
    const DevicePollAsked *asked,
    const App *app,
    Device *device,
    TokenAnswer *answer,
    GError **error)
{
    g_autoptr(Identity) identity = NULL;
    g_autoptr(Chain) chain = NULL;
    gboolean good = FALSE;
    gboolean paid = FALSE;
    gint64 full_usec = 0;
    const char *resource = NULL;

    if (!app_resource_choose(
            app, (const char *const *)device->resources, asked->resources, &resource)) {
        return refuse_poll(answer, REASON_TARGET_INVALID, "the resource was not granted");
    }
    if (!approver_is_good(txn, device, &identity, &good, error)) {
        return OUTCOME_BROKEN;
    }
    if (!good) {
        return refuse_poll(answer, REASON_DECLINED, "the sign-in was refused");
    }
    if (!token_budget_take(txn, asked->caller, &device->app, &full_usec, &paid, error)) {
        return OUTCOME_BROKEN;
    }
    if (!paid) {
        return refuse_poll(answer, REASON_TOO_MANY, NULL);
    }
    const ChainStart start = {
        .identity = identity,
        .scopes = (const char *const *)device->scopes,
        .resources = (const char *const *)device->resources,
        .resource = resource,
        .auth_usec = device->auth_usec,
        .full_usec = full_usec};
    answer->client_id = g_strdup(asked->client_id);
    return chain_start(txn, &start, &chain, answer, error) &&
                   device_end(txn, device, DEVICE_SPENT, REASON_NONE, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

static Outcome poll(
    Txn *txn,
    const DevicePollAsked *asked,
    const App *app,
    Device *device,
    TokenAnswer *answer,
    GError **error)
{
    if (device->state == DEVICE_DECLINED || device->state == DEVICE_CANCELLED) {
        return refuse_poll(answer, REASON_DECLINED, "the person declined");
    }
    if (device->state == DEVICE_SPENT) {
        return refuse_poll(answer, REASON_GRANT_INVALID, "the device code was used already");
    }
    if (device->expires_usec <= txn_now(txn)) {
        return refuse_poll(answer, REASON_DEVICE_EXPIRED, "the device code has expired");
    }
    return device->state == DEVICE_APPROVED ? poll_approved(txn, asked, app, device, answer, error)
                                            : poll_pending(txn, device, answer, error);
}

static Outcome
find_and_poll(Txn *txn, const DevicePollAsked *asked, TokenAnswer *ret_answer, GError **error)
{
    g_autoptr(App) app = NULL;
    g_autoptr(Device) device = NULL;
    Token token;

    if (!app_find(txn, asked->client_id, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app) {
        return refuse_poll(ret_answer, REASON_CLIENT_UNKNOWN, "the client is not known");
    }
    ret_answer->alg = app->id_token_alg;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_DEVICE, asked->device_code, &token)) {
        return refuse_poll(ret_answer, REASON_GRANT_INVALID, "the device code is not good");
    }
    if (!device_load(txn, &token.handle, &device, error)) {
        return OUTCOME_BROKEN;
    }
    if (!device || !id_equal(&device->app, &app->id) || !token_matches(&token, device->hash)) {
        return refuse_poll(ret_answer, REASON_GRANT_INVALID, "the device code is not good");
    }
    return poll(txn, asked, app, device, ret_answer, error);
}

/* Polling in time is free: the interval is its limit, and who asked for a device code is no app
 * yet. RFC 8628 3.5 has a word for "too often", so it is no 429. */
Outcome device_poll(Txn *txn, const DevicePollAsked *asked, TokenAnswer *ret_answer, GError **error)
{
    Outcome outcome = find_and_poll(txn, asked, ret_answer, error);

    outcome = token_budget_settle(
        txn, asked->caller, outcome, &ret_answer->reason, &ret_answer->description, error);
    if (outcome == OUTCOME_DENIED && ret_answer->reason == REASON_TOO_MANY) {
        return refuse_poll(ret_answer, REASON_SLOW_DOWN, "ask less often");
    }
    return outcome;
}

ACT_DEFINE(device_answer, DeviceAnswerAsked, DeviceAnswerAnswer, answer_clear);
ACT_DEFINE(device_cancel, DeviceAnswerAsked, PlainAnswer, NULL);
ACT_DEFINE(device_poll, DevicePollAsked, TokenAnswer, token_answer_clear);
