/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * login-ask.c - asking for a link
 *
 * Whatever the address, the same is read, computed and written: a stranger learns nothing from the
 * answer, its time, or the size of the records. So even a known account's login holds the sealed
 * address as typed, and even an unknown one's mail is put into the outbox, without a recipient.
 */

#include "base/secret.h"
#include "base/text.h"
#include "core/address.h"
#include "core/authorization.h"
#include "core/limit.h"
#include "core/login.h"
#include "core/network.h"
#include "core/outbox.h"
#include "crypto/envelope.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

#define AGENT_CHARS_MAX     120U
#define LOCALE_CHARS_MAX    35U
#define USER_CODE_CHARS_MAX 16U
#define CODE_BELOW          100000000U /* ten to the LOGIN_CODE_CHARS */

/* What one asking gathers. */
typedef struct Ask {
    Txn *txn;
    const LoginAskAsked *asked;
    char *mail, *lookup;
    guint8 email_mac[SHA256_BYTES];
    gboolean has_cookie;
    Token cookie;     /* the old one */
    Browser *browser; /* NULL: it never signed in */
    gboolean known;   /* it did, to the account of this very address */
    Account *account; /* NULL: nobody */
    GBytes *request;
    Login *login; /* the new one */
    Token token;  /* of the new cookie */
    char *link, *code;
} Ask;

static void ask_clear(Ask *ask)
{
    secret_text_free(ask->mail);
    secret_text_free(ask->lookup);
    browser_free(ask->browser);
    account_free(ask->account);
    g_clear_pointer(&ask->request, g_bytes_unref);
    login_free(ask->login);
    secret_text_free(ask->link);
    secret_text_free(ask->code);
    secret_wipe(&ask->token, sizeof(ask->token));
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ask, ask_clear)

static Outcome refuse(LoginAskAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

/* What needs no store. */
static Reason ask_read(Ask *ask)
{
    const LoginAskAsked *asked = ask->asked;

    if (!address_normalise(asked->email, &ask->mail, &ask->lookup)) {
        return REASON_ADDRESS_BAD;
    }
    account_lookup_mac(ask->txn, ask->lookup, ask->email_mac);
    ask->has_cookie = token_from_text(
        txn_mac(ask->txn, KEY_TOKEN), TOKEN_BROWSER, asked->caller->browser, &ask->cookie);
    if (!asked->sealed) {
        return REASON_NONE;
    }
    g_autoptr(Authorization) request = authorization_unseal(ask->txn, asked->sealed);
    if (!request) {
        return REASON_BAD_REQUEST;
    }
    ask->request = record_encode(&authorization_table, request);
    return REASON_NONE;
}

static gboolean ask_known(Ask *ask, GError **error)
{
    if (ask->has_cookie && !browser_load(ask->txn, &ask->cookie, &ask->browser, error)) {
        return FALSE;
    }
    ask->known = ask->browser && memcmp(ask->browser->email_mac, ask->email_mac, SHA256_BYTES) == 0;
    return TRUE;
}

/* Before the account is looked up, so that the answer can't depend on it. A browser that signed in
 * to this account pays from its own budget alone: whatever others ask for locks nobody out. */
static gboolean ask_budget(Ask *ask, gboolean *ret_allowed, guint *ret_retry, GError **error)
{
    const Caller *caller = ask->asked->caller;
    g_autofree char *group = network_group(caller->address);
    const LimitUse uses[] = {
        {LIMIT_LINK_ADDRESS, ask->email_mac, SHA256_BYTES},
        {LIMIT_LINK_CLIENT, group, group ? strlen(group) : 0},
        {LIMIT_LINK_CLIENT, limit_everybody, strlen(limit_everybody)},
    };

    if (ask->known) {
        const LimitUse own = {LIMIT_LINK_ADDRESS, ask->browser->budget.bytes, ID_BYTES};
        return limit_take(ask->txn, caller, &own, 1, ret_allowed, ret_retry, error);
    }
    return limit_take(ask->txn, caller, uses, G_N_ELEMENTS(uses), ret_allowed, ret_retry, error);
}

/* The older ones of this browser end; of this address, one of five. */
static gboolean end_of_browser(Ask *ask, GError **error)
{
    g_autoptr(Login) login = NULL;

    if (!ask->has_cookie) {
        return TRUE;
    }
    if (!login_load(ask->txn, &ask->cookie.handle, &login, error)) {
        return FALSE;
    }
    return !login || login_problem_for_asker(ask->txn, login) != REASON_NONE ||
           !token_matches(&ask->cookie, login->browser_hash) ||
           login_end(ask->txn, login, LOGIN_REPLACED, error);
}

/* Which goes first: what strangers asked for, before what the account's own browsers did, so that
 * nobody is locked out by others' asking; the oldest of these. */
static gboolean goes_before(const Login *login, const Login *other)
{
    return login->known != other->known ? !login->known : login->born_usec < other->born_usec;
}

static gboolean end_of_email(Ask *ask, GError **error)
{
    const ListName name = {LIST_LOGINS_OF_EMAIL, ask->email_mac, SHA256_BYTES};
    g_autoptr(GArray) ids = list_take(ask->txn, &name, NULL, LOGINS_OF_EMAIL_MAX + 1, error);
    g_autoptr(Login) first = NULL;
    guint alive = 0;

    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(Login) login = NULL;
        const Id *id = &g_array_index(ids, Id, i);
        if (!login_load(ask->txn, id, &login, error)) {
            return FALSE;
        }
        if (!login || login_problem_for_asker(ask->txn, login) != REASON_NONE) {
            if (!list_remove_lasting(ask->txn, &name, id, LOGIN_LIFE_USEC, error)) {
                return FALSE;
            }
            continue;
        }
        alive++;
        if (!first || goes_before(login, first)) {
            login_free(first);
            first = g_steal_pointer(&login);
        }
    }
    return ids &&
           (alive < LOGINS_OF_EMAIL_MAX || login_end(ask->txn, first, LOGIN_REPLACED, error));
}

/* @text cut to @chars characters; what is not plain becomes visible. */
static char *fit(const char *text, gsize chars)
{
    return text_for_people(text, chars);
}

static gboolean ask_login(Ask *ask, GError **error)
{
    const ListName name = {LIST_LOGINS_OF_EMAIL, ask->email_mac, SHA256_BYTES};
    const MacKey *key = txn_mac(ask->txn, KEY_TOKEN);
    Login *login = ask->login = g_new0(Login, 1);
    Token link;

    random_id(&login->id);
    token_draw(&login->id, &ask->token);
    token_hash(&ask->token, login->browser_hash);
    token_draw(&login->id, &link);
    token_hash(&link, login->link_hash);
    ask->link = token_to_text(key, TOKEN_LINK, &link);
    secret_wipe(&link, sizeof(link));
    ask->code = g_strdup_printf("%08u", random_below(CODE_BELOW));
    login_code_mac(ask->txn, &login->id, ask->code, login->code_mac);
    memcpy(login->email_mac, ask->email_mac, SHA256_BYTES);
    login->account = ask->account ? ask->account->id : ID_NONE;
    g_autoptr(GBytes) bound = email_bound(ask->txn, KIND_LOGIN, &login->id);
    login->sign_up = envelope_close(txn_keks(ask->txn), bound, ask->mail);
    login->locale = fit(ask->asked->locale, LOCALE_CHARS_MAX);
    login->state = LOGIN_OPEN;
    login->known = ask->known;
    login->address = g_strdup(ask->asked->caller->address ? ask->asked->caller->address : "");
    login->agent = fit(ask->asked->caller->agent, AGENT_CHARS_MAX);
    login->request = ask->request ? g_bytes_ref(ask->request) : NULL;
    login->user_code = fit(ask->asked->user_code, USER_CODE_CHARS_MAX);
    login->born_usec = txn_now(ask->txn);
    login->expires_usec = login->born_usec + LOGIN_LIFE_USEC;
    return login_save(ask->txn, login, error) &&
           list_add_lasting(ask->txn, &name, &login->id, LOGIN_LIFE_USEC, error);
}

/* (transfer full): the sealed address that gets the mail, opened; "" when nobody gets one. One
 * envelope is opened in each case. */
static char *ask_recipient(Ask *ask, GError **error)
{
    if (ask->account) {
        g_autoptr(SecretText) mail = account_email(ask->txn, ask->account, error);
        return mail && ask->account->state != ACCOUNT_ACTIVE ? g_strdup("")
                                                             : g_steal_pointer(&mail);
    }
    g_autoptr(GBytes) bound = email_bound(ask->txn, KIND_LOGIN, &ask->login->id);
    g_autoptr(SecretText) mail =
        envelope_open(txn_keks(ask->txn), bound, ask->login->sign_up, error);
    return mail && !ask->asked->caller->tenant->sign_up_open ? g_strdup("")
                                                             : g_steal_pointer(&mail);
}

static gboolean ask_mail(Ask *ask, GError **error)
{
    const Login *login = ask->login;
    g_autoptr(SecretText) to = ask_recipient(ask, error);
    g_autoptr(OutboxEntry) entry = g_new0(OutboxEntry, 1);

    if (!to) {
        return FALSE;
    }
    entry->kind = OUTBOX_MAIL_LOGIN;
    entry->to = g_steal_pointer(&to);
    entry->link = g_steal_pointer(&ask->link);
    entry->code = g_steal_pointer(&ask->code);
    entry->locale =
        g_strdup(ask->account && *ask->account->locale ? ask->account->locale : login->locale);
    entry->agent = g_strdup(login->agent);
    entry->address = g_strdup(login->address);
    entry->expires_usec = login->expires_usec;
    return outbox_add(ask->txn, entry, error);
}

/* The budget of a browser that signed in before goes on under its new cookie. */
static gboolean ask_browser(Ask *ask, GError **error)
{
    if (!ask->browser) {
        return TRUE;
    }
    token_hash(&ask->token, ask->browser->hash);
    return txn_delete(ask->txn, KIND_BROWSER, ask->cookie.handle.bytes, ID_BYTES, error) &&
           browser_save(ask->txn, &ask->login->id, ask->browser, error);
}

static void answer_clear(gpointer data)
{
    LoginAskAnswer *answer = data;

    secret_text_free(answer->browser_cookie);
    *answer = (LoginAskAnswer){0};
}

Outcome login_ask(Txn *txn, const LoginAskAsked *asked, LoginAskAnswer *ret_answer, GError **error)
{
    g_auto(Ask) ask = {.txn = txn, .asked = asked};
    gboolean allowed = FALSE;
    Reason problem = ask_read(&ask);

    if (problem != REASON_NONE) {
        return refuse(ret_answer, problem);
    }
    if (!ask_known(&ask, error) || !ask_budget(&ask, &allowed, &ret_answer->retry_seconds, error)) {
        return OUTCOME_BROKEN;
    }
    if (!allowed) {
        return refuse(ret_answer, REASON_TOO_MANY);
    }
    if (!end_of_browser(&ask, error) || !end_of_email(&ask, error) ||
        !account_find(txn, ask.lookup, &ask.account, error) || !ask_login(&ask, error) ||
        !ask_mail(&ask, error) || !ask_browser(&ask, error)) {
        return OUTCOME_BROKEN;
    }
    ret_answer->browser_cookie = token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_BROWSER, &ask.token);
    return OUTCOME_GRANTED;
}
ACT_DEFINE(login_ask, LoginAskAsked, LoginAskAnswer, answer_clear);
