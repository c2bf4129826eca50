/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/link-request.h"

#include "base/secret.h"
#include "core/account.h"
#include "core/device-inside.h"
#include "core/event.h"
#include "core/limit.h"
#include "core/link-inside.h"
#include "core/session.h"
#include "crypto/random.h"

#include <string.h>

#define NUMBERS 100U /* 00 to 99 */

static const RecordField link_request_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(LinkRequest, id)},
    {.number = 2, "user_code_mac", FIELD_HASH, offsetof(LinkRequest, user_code_mac)},
    {.number = 3, "uid", FIELD_U32, offsetof(LinkRequest, uid)},
    {.number = 4, "local_user", FIELD_TEXT, offsetof(LinkRequest, local_user)},
    {.number = 5, "services", FIELD_TEXTS, offsetof(LinkRequest, services)},
    {.number = 6, "state", FIELD_U32, offsetof(LinkRequest, state)},
    {.number = 7, "account", FIELD_ID, offsetof(LinkRequest, account)},
    {.number = 8, "auth_usec", FIELD_I64, offsetof(LinkRequest, auth_usec)},
    {.number = 9, "number_mac", FIELD_HASH, offsetof(LinkRequest, number_mac)},
    {.number = 10, "born_usec", FIELD_I64, offsetof(LinkRequest, born_usec)},
    {.number = 11, "expires_usec", FIELD_I64, offsetof(LinkRequest, expires_usec)},
    {.number = 0},
};

const RecordTable link_request_table = {
    .name = "link request",
    .kind = KIND_LINK_REQUEST,
    .size = sizeof(LinkRequest),
    .fields = link_request_fields,
    .of_epoch = TRUE};

void link_request_free(LinkRequest *request)
{
    record_free(&link_request_table, request);
}

static void open_clear(gpointer data)
{
    LinkRequestAnswer *answer = data;

    g_clear_pointer(&answer->user_code, secret_text_free);
    g_clear_pointer(&answer->local_user, g_free);
    g_clear_pointer(&answer->services, g_strfreev);
}

static void page_clear(gpointer data)
{
    LinkPageAnswer *answer = data;
    char **texts[] = {&answer->email, &answer->form_token, &answer->user_code,
                      &answer->host,  &answer->local_user, &answer->number};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_clear_pointer(texts[i], secret_text_free);
    }
    g_clear_pointer(&answer->services, g_strfreev);
}

static gboolean load(Txn *txn, const Id *id, LinkRequest **ret_request, GError **error)
{
    return record_load(
        txn, &link_request_table, id->bytes, ID_BYTES, (gpointer *)ret_request, error);
}

static gboolean save(Txn *txn, const LinkRequest *request, GError **error)
{
    return record_save(
        txn, &link_request_table, request->id.bytes, ID_BYTES, request, request->expires_usec,
        error);
}

/* Over: nothing finds it again. */
static gboolean drop(Txn *txn, const LinkRequest *request, GError **error)
{
    return txn_delete(txn, KIND_LINK_REQUEST, request->id.bytes, ID_BYTES, error) &&
           txn_delete(
               txn, KIND_DEVICE_BY_USER_CODE, request->user_code_mac,
               sizeof(request->user_code_mac), error);
}

gboolean
link_request_find(Txn *txn, const char *user_code, LinkRequest **ret_request, GError **error)
{
    g_autoptr(LinkRequest) request = NULL;
    Id id = ID_NONE;

    *ret_request = NULL;
    if (!user_code_find(txn, user_code, &id, error) || !load(txn, &id, &request, error)) {
        return FALSE;
    }
    if (request && request->state == LINK_REQUEST_PENDING && request->expires_usec > txn_now(txn)) {
        *ret_request = g_steal_pointer(&request);
    }
    return TRUE;
}

static Outcome refuse(Reason *ret_reason, Reason reason)
{
    *ret_reason = reason;
    return OUTCOME_DENIED;
}

/* The names as they are now: what is enabled later is not covered. */
static char **names_of(const GPtrArray *services)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    for (guint i = 0; i < services->len; i++) {
        g_strv_builder_add(names, ((const Service *)services->pdata[i])->name);
    }
    return g_strv_builder_end(names);
}

static gboolean open_it(Txn *txn, LinkRequest *request, LinkRequestAnswer *answer, GError **error)
{
    char code[USER_CODE_CHARS + 1];

    random_id(&request->id);
    request->state = LINK_REQUEST_PENDING;
    request->born_usec = txn_now(txn);
    request->expires_usec = txn_now(txn) + LINK_REQUEST_LIFE_USEC;
    if (!user_code_take(
            txn, &request->id, request->expires_usec, request->user_code_mac, code, error) ||
        !save(txn, request, error)) {
        return FALSE;
    }
    answer->id = request->id;
    answer->user_code = user_code_show(code);
    answer->local_user = g_strdup(request->local_user);
    answer->services = g_strdupv(request->services);
    answer->expires_usec = request->expires_usec;
    secret_wipe(code, sizeof(code));
    return TRUE;
}

Outcome
link_request_open(Txn *txn, const LinkAsked *asked, LinkRequestAnswer *ret_answer, GError **error)
{
    LinkAsked own = *asked;
    g_autoptr(GPtrArray) services = NULL;
    g_autoptr(LinkRequest) request = g_new0(LinkRequest, 1);
    gboolean allowed = FALSE;
    guint retry = 0;

    own.by_himself = TRUE;
    if (asked->privileged || !link_user_is_good(asked->local_user)) {
        return refuse(&ret_answer->reason, REASON_LINK_RESERVED);
    }
    const LimitUse use = {LIMIT_OWN_LINK, asked->local_user, strlen(asked->local_user)};
    if (!limit_take(txn, asked->caller, &use, 1, &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    if (!allowed) {
        return refuse(&ret_answer->reason, REASON_TOO_MANY);
    }
    Outcome outcome = link_services_find(txn, &own, &services, &ret_answer->reason, error);
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    request->uid = asked->caller->uid;
    request->local_user = g_strdup(asked->local_user);
    request->services = names_of(services);
    return open_it(txn, request, ret_answer, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

/* FALSE with a reason, or with an error: nothing is shown. */
static Outcome find_for_page(
    Txn *txn,
    const LinkPageAsked *asked,
    CodeFound *found,
    Reason *ret_reason,
    GError **error)
{
    if (!code_find_counted(txn, asked->caller, asked->user_code, found, ret_reason, error)) {
        return OUTCOME_BROKEN;
    }
    if (!found->request) {
        return OUTCOME_DENIED;
    }
    return session_is_fresh(txn, asked->caller->session) ? OUTCOME_GRANTED
                                                         : refuse(ret_reason, REASON_STALE_SIGN_IN);
}

static gboolean fill_in(
    Txn *txn,
    const LinkPageAsked *asked,
    const LinkRequest *request,
    LinkPageAnswer *answer,
    GError **error)
{
    char code[USER_CODE_CHARS + 1];

    g_assert(user_code_read(asked->user_code, code));
    answer->reason = REASON_NONE;
    answer->user_code = user_code_show(code);
    answer->host = g_strdup(asked->caller->config->host_name);
    answer->local_user = g_strdup(request->local_user);
    answer->services = g_strdupv(request->services);
    answer->born_usec = request->born_usec;
    answer->form_token = session_form_token(txn, asked->caller);
    answer->email = account_email(txn, asked->caller->account, error);
    return answer->email != NULL;
}

Outcome
link_request_look(Txn *txn, const LinkPageAsked *asked, LinkPageAnswer *ret_answer, GError **error)
{
    g_auto(CodeFound) found = {0};
    Outcome outcome = find_for_page(txn, asked, &found, &ret_answer->reason, error);

    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    return fill_in(txn, asked, found.request, ret_answer, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

static void
make_number_mac(const Txn *txn, const LinkRequest *request, const char *number, guint8 ret_mac[32])
{
    device_code_mac(txn, "link number", request->id.bytes, ID_BYTES, number, ret_mac);
}

Outcome link_request_decide(
    Txn *txn,
    const LinkPageAsked *asked,
    LinkPageAnswer *ret_answer,
    GError **error)
{
    g_auto(CodeFound) found = {0};

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        return refuse(&ret_answer->reason, REASON_FORM_TOKEN);
    }
    Outcome outcome = find_for_page(txn, asked, &found, &ret_answer->reason, error);
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    LinkRequest *request = found.request;
    request->state = asked->approved ? LINK_REQUEST_APPROVED : LINK_REQUEST_DECLINED;
    request->account = asked->caller->account->id;
    request->auth_usec = asked->caller->session->signed_in_usec;
    if (asked->approved) {
        ret_answer->number = g_strdup_printf("%02u", random_below(NUMBERS));
        make_number_mac(txn, request, ret_answer->number, request->number_mac);
    }
    return fill_in(txn, asked, request, ret_answer, error) && save(txn, request, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

/* Ends it unanswered; the person whose account approved can look the reason up. */
static Outcome
end(Txn *txn, const LinkRequest *request, LinkAnswer *answer, Reason reason, GError **error)
{
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = request->account,
        .what = EVENT_LINK_CHANGE,
        .outcome = OUTCOME_DENIED,
        .reason = reason,
        .detail = request->local_user,
    };
    gboolean named = !id_is_none(&request->account);

    return drop(txn, request, error) && (!named || event_write(txn, &news, NULL, error))
               ? refuse(&answer->reason, reason)
               : OUTCOME_BROKEN;
}

/* Both have agreed. The request is spent whatever comes of it. */
static Outcome
make(Txn *txn, const Caller *caller, const LinkRequest *request, LinkAnswer *answer, GError **error)
{
    const LinkAsked asked = {
        .caller = caller,
        .local_user = request->local_user,
        .services = (const char *const *)request->services,
        .by_himself = TRUE};
    g_autoptr(Account) account = NULL;

    if (!account_load(txn, &request->account, &account, error)) {
        return OUTCOME_BROKEN;
    }
    if (!account || !account_admits(account, request->auth_usec)) {
        return end(txn, request, answer, REASON_SUSPENDED, error);
    }
    Outcome outcome = link_make(txn, &asked, &request->account, answer, error);
    if (outcome == OUTCOME_DENIED) {
        return end(txn, request, answer, answer->reason, error);
    }
    return outcome == OUTCOME_GRANTED && drop(txn, request, error) &&
                   link_notice_add(txn, caller, request, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

static Outcome take_number(
    Txn *txn,
    const LinkFinishAsked *asked,
    const LinkRequest *request,
    LinkAnswer *answer,
    GError **error)
{
    guint8 mac[32];

    if (!asked->typed || !*asked->typed) {
        return OUTCOME_PENDING;
    }
    make_number_mac(txn, request, asked->typed, mac);
    return secret_equal(mac, request->number_mac, sizeof(mac))
               ? make(txn, asked->caller, request, answer, error)
               : end(txn, request, answer, REASON_NUMBER_WRONG, error);
}

Outcome
link_request_finish(Txn *txn, const LinkFinishAsked *asked, LinkAnswer *ret_answer, GError **error)
{
    g_autoptr(LinkRequest) request = NULL;

    if (!load(txn, asked->id, &request, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request || request->uid != asked->caller->uid || request->expires_usec <= txn_now(txn)) {
        return refuse(&ret_answer->reason, REASON_CODE_EXPIRED);
    }
    if (asked->privileged) {
        return end(txn, request, ret_answer, REASON_LINK_RESERVED, error);
    }
    if (request->state == LINK_REQUEST_DECLINED) {
        return end(txn, request, ret_answer, REASON_DECLINED, error);
    }
    return request->state == LINK_REQUEST_APPROVED
               ? take_number(txn, asked, request, ret_answer, error)
               : OUTCOME_PENDING;
}

Outcome
link_request_cancel(Txn *txn, const LinkFinishAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    g_autoptr(LinkRequest) request = NULL;

    if (!load(txn, asked->id, &request, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request) {
        return refuse(&ret_answer->reason, REASON_NOT_FOUND);
    }
    txn_set_revoking(txn);
    return drop(txn, request, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

ACT_DEFINE(link_request_open, LinkAsked, LinkRequestAnswer, open_clear);
ACT_DEFINE(link_request_look, LinkPageAsked, LinkPageAnswer, page_clear);
ACT_DEFINE(link_request_decide, LinkPageAsked, LinkPageAnswer, page_clear);
ACT_DEFINE(link_request_finish, LinkFinishAsked, LinkAnswer, link_answer_clear);
ACT_DEFINE(link_request_cancel, LinkFinishAsked, PlainAnswer, NULL);
