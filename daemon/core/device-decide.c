/* SPDX-License-Identifier: GPL-3.0-or-later */

/* device-decide.c - the page: what a person sees of a code, and what he decides */

#include "base/secret.h"
#include "core/device-inside.h"
#include "core/known-key.h"
#include "core/mute.h"
#include "core/network.h"
#include "core/scope.h"
#include "core/session.h"

#include <string.h>

static void look_clear(gpointer data)
{
    DeviceLookAnswer *answer = data;
    char **texts[] = {&answer->user_code,  &answer->app_name,   &answer->host,     &answer->service,
                      &answer->local_user, &answer->asker,      &answer->terminal, &answer->remote,
                      &answer->slug,       &answer->form_token, &answer->email,    &answer->key};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_clear_pointer(texts[i], secret_text_free);
    }
    g_clear_pointer(&answer->scopes, g_strfreev);
}

static void decide_clear(gpointer data)
{
    DeviceDecideAnswer *answer = data;

    g_clear_pointer(&answer->number, secret_text_free);
    g_clear_pointer(&answer->host, g_free);
    g_clear_pointer(&answer->app_name, g_free);
}

static gboolean fill_in_slug(
    Txn *txn,
    const Caller *caller,
    const Device *device,
    DeviceLookAnswer *answer,
    GError **error)
{
    g_autoptr(Identity) identity = NULL;

    if (!identity_find(txn, &caller->account->id, &device->app, &identity, error)) {
        return FALSE;
    }
    if (identity) {
        answer->slug = g_malloc(ID_TEXT_CHARS + 1);
        id_to_text(&identity->slug, answer->slug);
    }
    return TRUE;
}

/* Said before he decides; to who isn't linked nothing is said of anybody. */
static void fill_in_key(
    const Txn *txn,
    const CoreConfig *config,
    const Device *device,
    DeviceLookAnswer *answer)
{
    const gint64 lasts_usec = known_key_lasts_usec(config, device);

    if (answer->may_mute && lasts_usec > 0) {
        answer->key = ssh_key_show(device->key);
        answer->key_until_usec = txn_now(txn) + lasts_usec;
    }
}

static Outcome fill_in(
    Txn *txn,
    const DeviceLookAsked *asked,
    const Device *device,
    DeviceLookAnswer *answer,
    GError **error)
{
    char code[USER_CODE_CHARS + 1];
    g_autoptr(App) app = NULL;

    if (!app_load(txn, &device->app, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app || app->state == APP_DISABLED) {
        answer->reason = REASON_CODE_WRONG;
        return OUTCOME_DENIED;
    }
    g_assert(user_code_read(asked->user_code, code));
    answer->user_code = user_code_show(code);
    answer->app_name = device_is_for_service(device) ? NULL : g_strdup(app->name);
    answer->level = app->level;
    answer->state = app->state;
    answer->host = g_strdup(device->host);
    answer->service = g_strdup(device->pam_service);
    answer->local_user = g_strdup(device->local_user);
    answer->asker = g_strdup(device->asker);
    answer->terminal = g_strdup(device->terminal);
    answer->remote = g_strdup(device->remote);
    answer->scopes = g_strdupv(device->scopes);
    answer->born_usec = device->born_usec;
    answer->form_token = session_form_token(txn, asked->caller);
    fill_in_key(txn, asked->caller->config, device, answer);
    answer->email = account_email(txn, asked->caller->account, error);
    return answer->email && fill_in_slug(txn, asked->caller, device, answer, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

static gboolean is_linked(
    Txn *txn,
    const Device *device,
    const Caller *caller,
    gboolean *ret_linked,
    GError **error)
{
    Id identity = ID_NONE;

    if (device_is_for_service(device) &&
        !link_find(
            txn, &caller->account->id, device->service, device->local_user, &identity, error)) {
        return FALSE;
    }
    *ret_linked = !id_is_none(&identity);
    return TRUE;
}

/* Whether the sign-in of a session is new enough to decide about it (identity.md, Sessions): NONE,
 * STALE_SIGN_IN, or NEW_SIGN_IN where the local user is uid 0, which only who is linked learns. */
static gboolean judge_sign_in(
    Txn *txn,
    const Device *device,
    const Caller *caller,
    Reason *ret_reason,
    GError **error)
{
    const Session *session = caller->session;
    gboolean linked = FALSE;

    if (!is_linked(txn, device, caller, &linked, error)) {
        return FALSE;
    }
    *ret_reason = REASON_NONE;
    if (device_is_for_service(device) && !session_is_fresh(txn, session)) {
        *ret_reason = REASON_STALE_SIGN_IN;
    } else if (linked && session->signed_in_usec < device->sign_in_since_usec) {
        *ret_reason = REASON_NEW_SIGN_IN;
    }
    return TRUE;
}

Outcome
device_look(Txn *txn, const DeviceLookAsked *asked, DeviceLookAnswer *ret_answer, GError **error)
{
    g_auto(CodeFound) found = {0};

    if (!code_find_counted(
            txn, asked->caller, asked->user_code, &found, &ret_answer->reason, error)) {
        return OUTCOME_BROKEN;
    }
    Device *device = found.device;
    if (!device) {
        ret_answer->reason = found.request ? REASON_LINK_ASKED : ret_answer->reason;
        return OUTCOME_DENIED;
    }
    if (!judge_sign_in(txn, device, asked->caller, &ret_answer->reason, error)) {
        return OUTCOME_BROKEN;
    }
    if (ret_answer->reason != REASON_NONE) {
        return OUTCOME_DENIED;
    }
    gboolean muted = FALSE;
    if (device_is_for_service(device) &&
        !mute_is_its(
            txn, &asked->caller->account->id, device, &ret_answer->may_mute, &muted, error)) {
        return OUTCOME_BROKEN;
    }
    if (muted && ret_answer->may_mute) {
        ret_answer->reason = REASON_MUTED;
        return OUTCOME_DENIED;
    }
    return fill_in(txn, asked, device, ret_answer, error);
}

/* pam.md: unless both addresses are in the same network, and always for those who may do
 * everything. Who isn't linked has one in any case: else the page told strangers who those are. */
static gboolean wants_number(const Device *device, const Caller *caller, gboolean linked)
{
    const ServicePolicy *policy = core_config_service(caller->config, device->service);
    ServiceNumber rule = policy ? policy->number : NUMBER_AUTO;

    switch (rule) {
    case NUMBER_ALWAYS:
        return TRUE;
    case NUMBER_NEVER:
        return FALSE;
    case NUMBER_AUTO:
        break;
    }
    if (device->privileged || !device->remote_is_trusted || !linked) {
        return TRUE;
    }
    /* A request without a remote address comes from the host itself. */
    const char *remote = device->remote && *device->remote ? device->remote : "127.0.0.1";
    return !network_is_same(remote, caller->address, caller->tenant->loopback);
}

static gboolean consent(Txn *txn, Device *device, const Caller *caller, GError **error)
{
    g_autoptr(Identity) identity = NULL;

    if (!identity_make(txn, &caller->account->id, &device->app, &identity, error)) {
        return FALSE;
    }
    char **joined =
        scope_join((const char *const *)identity->scopes, (const char *const *)device->scopes);
    g_strfreev(identity->scopes);
    identity->scopes = joined;
    identity->consented_usec = txn_now(txn);
    device->identity = identity->id;
    return identity_save(txn, identity, error);
}

/* Restrict: no new people. */
static gboolean
may_meet(Txn *txn, const App *app, const Id *account, gboolean *ret_may, GError **error)
{
    g_autoptr(Identity) identity = NULL;

    if (!identity_find(txn, account, &app->id, &identity, error)) {
        return FALSE;
    }
    *ret_may = identity || app->state != APP_RESTRICT;
    return TRUE;
}

static Outcome
approve(Txn *txn, Device *device, const Caller *caller, DeviceDecideAnswer *answer, GError **error)
{
    gboolean linked = FALSE;

    if (!is_linked(txn, device, caller, &linked, error)) {
        return OUTCOME_BROKEN;
    }
    device->state = DEVICE_APPROVED;
    device->auth_usec = caller->session->signed_in_usec;
    device->session = caller->session->id;
    if (device_is_for_service(device) && wants_number(device, caller, linked)) {
        answer->number = device_draw_number(txn, device);
    }
    txn_announce(txn, KIND_DEVICE, &device->id, CHANGE_CHANGED);
    return consent(txn, device, caller, error) && device_save(txn, device, error) ? OUTCOME_GRANTED
                                                                                  : OUTCOME_BROKEN;
}

/* What muting forbids, or NONE. Only who is linked to the user may mute him, and hears of it:
 * whoever isn't gets the same answers whether that user exists, is muted, or not. */
static gboolean judge_mute(
    Txn *txn,
    const DeviceDecideAsked *asked,
    const Device *device,
    Reason *ret_reason,
    GError **error)
{
    gboolean its = FALSE;
    gboolean on = FALSE;

    if (device_is_for_service(device) &&
        !mute_is_its(txn, &asked->caller->account->id, device, &its, &on, error)) {
        return FALSE;
    }
    *ret_reason = REASON_NONE;
    if (asked->muted && !its) {
        *ret_reason = REASON_NOT_PERMITTED;
    } else if (its && on && (asked->muted || asked->approved)) {
        *ret_reason = REASON_MUTED;
    }
    return TRUE;
}

/* Declines it as well. */
static Outcome mute(Txn *txn, Device *device, DeviceDecideAnswer *answer, GError **error)
{
    gboolean made = FALSE;

    if (!mute_make(txn, &device->account, device, &made, error)) {
        return OUTCOME_BROKEN;
    }
    if (!made) {
        answer->reason = REASON_TOO_MANY;
        return OUTCOME_DENIED;
    }
    return device_end(txn, device, DEVICE_DECLINED, REASON_DECLINED, error) ? OUTCOME_GRANTED
                                                                            : OUTCOME_BROKEN;
}

static Outcome decide(
    Txn *txn,
    const DeviceDecideAsked *asked,
    Device *device,
    DeviceDecideAnswer *answer,
    GError **error)
{
    const Id *account = &asked->caller->account->id;
    g_autoptr(App) app = NULL;
    gboolean may = FALSE;

    if (!app_load(txn, &device->app, &app, error) ||
        (app && !may_meet(txn, app, account, &may, error)) ||
        !judge_mute(txn, asked, device, &answer->reason, error)) {
        return OUTCOME_BROKEN;
    }
    if (answer->reason != REASON_NONE) {
        return OUTCOME_DENIED;
    }
    if (!app || app->state == APP_DISABLED || (asked->approved && !may)) {
        answer->reason = app && !may ? REASON_NOT_PERMITTED : REASON_APP_DISABLED;
        return OUTCOME_DENIED;
    }
    answer->host = g_strdup(device->host);
    answer->app_name = device_is_for_service(device) ? NULL : g_strdup(app->name);
    device->account = *account;
    if (asked->muted) {
        return mute(txn, device, answer, error);
    }
    if (asked->approved) {
        return approve(txn, device, asked->caller, answer, error);
    }
    return device_end(txn, device, DEVICE_DECLINED, REASON_DECLINED, error) ? OUTCOME_GRANTED
                                                                            : OUTCOME_BROKEN;
}

Outcome device_decide(
    Txn *txn,
    const DeviceDecideAsked *asked,
    DeviceDecideAnswer *ret_answer,
    GError **error)
{
    g_auto(CodeFound) found = {0};

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        ret_answer->reason = REASON_FORM_TOKEN;
        return OUTCOME_DENIED;
    }
    if (!code_find_counted(
            txn, asked->caller, asked->user_code, &found, &ret_answer->reason, error)) {
        return OUTCOME_BROKEN;
    }
    Device *device = found.device;
    if (!device) {
        ret_answer->reason = found.request ? REASON_LINK_ASKED : ret_answer->reason;
        return OUTCOME_DENIED;
    }
    if (!judge_sign_in(txn, device, asked->caller, &ret_answer->reason, error)) {
        return OUTCOME_BROKEN;
    }
    if (ret_answer->reason != REASON_NONE) {
        return OUTCOME_DENIED;
    }
    return decide(txn, asked, device, ret_answer, error);
}

ACT_DEFINE(device_look, DeviceLookAsked, DeviceLookAnswer, look_clear);
ACT_DEFINE(device_decide, DeviceDecideAsked, DeviceDecideAnswer, decide_clear);
