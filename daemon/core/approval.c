/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/approval.h"

#include "base/catalog.h"
#include "base/secret.h"
#include "core/device-inside.h"
#include "core/event.h"
#include "core/mute.h"

#include <string.h>

static void row_clear(gpointer data)
{
    ApprovalRow *row = data;

    g_free(row->service);
    g_free(row->local_user);
    g_free(row->asker);
    g_free(row->terminal);
    g_free(row->remote);
}

static void answer_clear(gpointer data)
{
    ApprovalAnswer *answer = data;

    g_clear_pointer(&answer->rows, g_array_unref);
    g_clear_pointer(&answer->number, secret_text_free);
    g_clear_pointer(&answer->event, g_free);
    g_clear_pointer(&answer->local_user, g_free);
}

static Outcome refuse(ApprovalAnswer *answer, Reason reason, const char *problem)
{
    answer->reason = reason;
    answer->problem = problem;
    return OUTCOME_DENIED;
}

static gboolean is_the_callers(const ApprovalAsked *asked, const Device *device)
{
    return asked->everybody ||
           (asked->own_user && g_str_equal(asked->own_user, device->local_user));
}

/* *ret_device: NULL unless it is of a service, undecided or unfinished, and the caller's. */
static gboolean
find_open(Txn *txn, const ApprovalAsked *asked, const Id *id, Device **ret_device, GError **error)
{
    g_autoptr(Device) device = NULL;

    *ret_device = NULL;
    if (!device_load(txn, id, &device, error)) {
        return FALSE;
    }
    if (device && device_is_for_service(device) && device_is_undecided(txn, device) &&
        is_the_callers(asked, device)) {
        *ret_device = g_steal_pointer(&device);
    }
    return TRUE;
}

/* As in pam_antara/terminal.c, but for sshd's "ssh", which is none of this host's. */
static gboolean names_a_terminal(const char *terminal)
{
    static const char *const beginnings[] = {"/dev/", "tty", "pts/", ":"};

    for (guint i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        if (g_str_has_prefix(terminal, beginnings[i])) {
            return TRUE;
        }
    }
    return FALSE;
}

/* What root said to have no remote address (loopback may be the near end of a tunnel), if a
 * terminal is named, or somebody who asks: saslauthd names nothing at all, and a server that names
 * itself for a terminal sits before none. */
static gboolean is_from_here(const Device *device)
{
    return device->remote_is_trusted && !*device->remote &&
           (*device->terminal ? names_a_terminal(device->terminal) : *device->asker != '\0');
}

/*
 * Why this is not approved on the bus; NULL: it may be. Names of services are whatever their
 * administrator likes (sudo's is a setting), so the rule does not stand on them alone: who acts for
 * somebody that is signed in already names him (PAM_RUSER), as sudo, su, doas and polkit do; who
 * signs somebody in names nobody.
 */
static const char *obstacle(const ApprovalAsked *asked, const Device *device)
{
    if (!device->remote_is_trusted || (!*device->remote && !is_from_here(device))) {
        return N_("Where it came from is not known for sure: it is approved on the page.");
    }
    if (!is_from_here(device)) {
        return N_(
            "It came from another machine: it is approved on the page, by who sees its code.");
    }
    if (asked->everybody) {
        return NULL;
    }
    if (service_raises(device->service) || service_raises(device->pam_service) || *device->asker) {
        return N_("It gives more than you have already: it is approved on the page.");
    }
    if (device->privileged || asked->privileged) {
        return N_("You may become root on this host: your sign-ins are approved on the page.");
    }
    return NULL;
}

/* By the one account in whose name the bus approves. */
static gboolean is_muted(Txn *txn, const Device *device, gboolean *ret_muted, GError **error)
{
    Id account = ID_NONE;
    Id identity = ID_NONE;
    guint n_linked = 0;

    return link_find_only(
               txn, device->service, device->local_user, &account, &identity, &n_linked, error) &&
           mute_is_on(txn, &account, device, ret_muted, error);
}

static ApprovalRow row_of(const ApprovalAsked *asked, const Device *device)
{
    return (ApprovalRow){
        .id = device->id,
        .service = g_strdup(device->pam_service),
        .local_user = g_strdup(device->local_user),
        .asker = g_strdup(device->asker),
        .terminal = g_strdup(device->terminal),
        .remote = g_strdup(device->remote),
        .approved = device->state == DEVICE_APPROVED,
        .approvable = device->state == DEVICE_PENDING && device_takes_approval(device) &&
                      !obstacle(asked, device),
        .born_usec = device->born_usec,
        .expires_usec = device->expires_usec};
}

Outcome
approval_list(Txn *txn, const ApprovalAsked *asked, ApprovalAnswer *ret_answer, GError **error)
{
    ret_answer->rows = g_array_new(FALSE, FALSE, sizeof(ApprovalRow));
    g_array_set_clear_func(ret_answer->rows, row_clear);
    for (guint i = 0; i < asked->n_ids; i++) {
        g_autoptr(Device) device = NULL;
        gboolean muted = FALSE;
        if (!find_open(txn, asked, &asked->ids[i], &device, error) ||
            (device && !is_muted(txn, device, &muted, error))) {
            return OUTCOME_BROKEN;
        }
        if (device && (!muted || asked->everybody)) {
            const ApprovalRow row = row_of(asked, device);
            g_array_append_val(ret_answer->rows, row);
        }
    }
    return OUTCOME_GRANTED;
}

Outcome
approval_deny(Txn *txn, const ApprovalAsked *asked, ApprovalAnswer *ret_answer, GError **error)
{
    const Reason reason = asked->everybody ? REASON_DECLINED_BY_ADMIN : REASON_DECLINED_ON_HOST;
    g_autoptr(Device) device = NULL;

    if (!find_open(txn, asked, asked->id, &device, error)) {
        return OUTCOME_BROKEN;
    }
    if (!device) {
        return refuse(ret_answer, REASON_NOT_FOUND, NULL);
    }
    txn_set_revoking(txn);
    if (!device_end(txn, device, DEVICE_DECLINED, reason, error)) {
        return OUTCOME_BROKEN;
    }
    ret_answer->event = g_strdup(device->event);
    return OUTCOME_GRANTED;
}

/* Who approved is told to whoever asks for the event: the audit knows no uid by itself. */
static gboolean note_approval(
    Txn *txn,
    const ApprovalAsked *asked,
    const Device *device,
    char **ret_id,
    GError **error)
{
    g_autofree char *detail = g_strdup_printf(
        "%s %s %s, approved on the bus by uid %u", device->host, device->pam_service,
        device->local_user, asked->caller->uid);
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = device->account,
        .what = EVENT_DEVICE_DECISION,
        .outcome = OUTCOME_GRANTED,
        .detail = detail,
    };

    return event_write(txn, &news, ret_id, error);
}

static Outcome approve(
    Txn *txn,
    const ApprovalAsked *asked,
    Device *device,
    ApprovalAnswer *answer,
    GError **error)
{
    const ServicePolicy *policy = core_config_service(asked->caller->config, device->service);

    device->state = DEVICE_APPROVED;
    device->auth_usec = txn_now(txn);
    if (!policy || policy->number != NUMBER_NEVER) {
        answer->number = device_draw_number(txn, device);
    }
    txn_announce(txn, KIND_DEVICE, &device->id, CHANGE_CHANGED);
    return note_approval(txn, asked, device, &answer->event, error) &&
                   device_save(txn, device, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

/* In whose name: the bus knows a local user and no account, so there must be just one. */
static Outcome approve_as_linked(
    Txn *txn,
    const ApprovalAsked *asked,
    Device *device,
    ApprovalAnswer *answer,
    GError **error)
{
    g_autoptr(Service) service = NULL;
    gboolean muted = FALSE;
    guint n_linked = 0;

    if (!is_muted(txn, device, &muted, error)) {
        return OUTCOME_BROKEN;
    }
    if (muted) {
        return refuse(
            answer, REASON_ONLY_ON_PAGE,
            N_("Its user has muted this host: until that is over, or ended on the account's page, "
               "only one-time codes are taken."));
    }
    if (!service_find(txn, asked->caller->config, device->service, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (!service) {
        return refuse(answer, REASON_SERVICE_OFF, NULL);
    }
    if (!link_find_only(
            txn, device->service, device->local_user, &device->account, &device->identity,
            &n_linked, error)) {
        return OUTCOME_BROKEN;
    }
    if (n_linked == 0) {
        return refuse(answer, REASON_NO_LINK, NULL);
    }
    if (n_linked > 1) {
        return refuse(
            answer, REASON_ONLY_ON_PAGE,
            N_("Several accounts are linked to this user: one of them approves on the page."));
    }
    return approve(txn, asked, device, answer, error);
}

Outcome
approval_approve(Txn *txn, const ApprovalAsked *asked, ApprovalAnswer *ret_answer, GError **error)
{
    g_autoptr(Device) device = NULL;

    if (!find_open(txn, asked, asked->id, &device, error)) {
        return OUTCOME_BROKEN;
    }
    if (!device) {
        return refuse(ret_answer, REASON_NOT_FOUND, NULL);
    }
    if (device->state != DEVICE_PENDING) {
        return refuse(ret_answer, REASON_DECIDED, NULL);
    }
    const char *problem = obstacle(asked, device);
    if (problem) {
        return refuse(ret_answer, REASON_ONLY_ON_PAGE, problem);
    }
    if (!device_takes_approval(device)) {
        return refuse(
            ret_answer, REASON_ONLY_ON_PAGE, N_("Its prompt takes one-time codes alone."));
    }
    return approve_as_linked(txn, asked, device, ret_answer, error);
}

Outcome
approval_news(Txn *txn, const ApprovalAsked *asked, ApprovalAnswer *ret_answer, GError **error)
{
    g_autoptr(Device) device = NULL;

    if (!device_load(txn, asked->id, &device, error)) {
        return OUTCOME_BROKEN;
    }
    gboolean muted = FALSE;
    if (device && device_is_for_service(device)) {
        if (!is_muted(txn, device, &muted, error)) {
            return OUTCOME_BROKEN;
        }
        ret_answer->local_user = g_steal_pointer(&device->local_user);
        ret_answer->from_here = is_from_here(device) && !muted;
    }
    return OUTCOME_GRANTED;
}

ACT_DEFINE(approval_list, ApprovalAsked, ApprovalAnswer, answer_clear);
ACT_DEFINE(approval_deny, ApprovalAsked, ApprovalAnswer, answer_clear);
ACT_DEFINE(approval_approve, ApprovalAsked, ApprovalAnswer, answer_clear);
ACT_DEFINE(approval_news, ApprovalAsked, ApprovalAnswer, answer_clear);
