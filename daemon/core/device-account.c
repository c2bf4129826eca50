/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * device-account.c - the account phase of a service: may this user be here at all?
 *
 * Two acts. The first reads alone, so a full disk refuses whom it refused before: what can't be
 * answered is an outage, which stacks pass over. It tells an id under which the second, asked once
 * the answer has left, writes the event.
 */

#include "core/device-inside.h"
#include "core/refusal.h"

static void answer_clear(gpointer data)
{
    g_clear_pointer(&((DeviceAccountAnswer *)data)->event, g_free);
}

/* The texts of @asked as records keep them. */
typedef struct Texts {
    char *pam_service, *local_user;
} Texts;

static void texts_clear(Texts *texts)
{
    g_clear_pointer(&texts->pam_service, g_free);
    g_clear_pointer(&texts->local_user, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Texts, texts_clear)

static RefusalOf refusal_of(const DeviceAccountAsked *asked, const Service *service, Texts *texts)
{
    texts->pam_service = device_keep_text(asked->pam_service);
    texts->local_user = device_keep_text(asked->local_user);
    return (RefusalOf){
        .app = service->app,
        .service = service->name,
        .host = asked->caller->config->host_name,
        .pam_service = texts->pam_service,
        .local_user = texts->local_user,
        .by_root = asked->caller->uid == 0,
        .reason = REASON_NO_LINK};
}

Outcome device_account(
    Txn *txn,
    const DeviceAccountAsked *asked,
    DeviceAccountAnswer *ret_answer,
    GError **error)
{
    g_autoptr(Service) service = NULL;
    gboolean linked = FALSE;

    if (!service_find(txn, asked->caller->config, asked->pam_service, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (!service) {
        ret_answer->reason = REASON_SERVICE_OFF;
        return OUTCOME_DENIED;
    }
    if (!link_exists(txn, service->name, asked->local_user, &linked, error)) {
        return OUTCOME_BROKEN;
    }
    if (linked) {
        return OUTCOME_GRANTED;
    }
    g_auto(Texts) texts = {NULL, NULL};
    const RefusalOf of = refusal_of(asked, service, &texts);
    ret_answer->reason = of.reason;
    return refusal_foretell(txn, &of, &ret_answer->event, &ret_answer->event_is_new, error)
               ? OUTCOME_DENIED
               : OUTCOME_BROKEN;
}

Outcome device_account_note(
    Txn *txn,
    const DeviceAccountAsked *asked,
    PlainAnswer *ret_answer,
    GError **error)
{
    g_autoptr(Service) service = NULL;

    if (!service_find(txn, asked->caller->config, asked->pam_service, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (!service) {
        ret_answer->reason = REASON_SERVICE_OFF;
        return OUTCOME_DENIED;
    }
    g_auto(Texts) texts = {NULL, NULL};
    const RefusalOf of = refusal_of(asked, service, &texts);
    return refusal_keep(txn, &of, asked->event, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

ACT_DEFINE(device_account, DeviceAccountAsked, DeviceAccountAnswer, answer_clear);
ACT_DEFINE(device_account_note, DeviceAccountAsked, PlainAnswer, NULL);
