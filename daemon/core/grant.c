/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/grant.h"

#include "base/text.h"
#include "core/app-resource.h"
#include "core/registration.h"
#include "core/session-apps.h"
#include "core/token-budget.h"
#include "crypto/random.h"
#include "crypto/token.h"

#include <string.h>

#define VERIFIER_CHARS_MIN 43U /* RFC 7636 4.1 */
#define VERIFIER_CHARS_MAX 128U

static const RecordField grant_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Grant, id)},
    {.number = 2, "hash", FIELD_HASH, offsetof(Grant, hash)},
    {.number = 3, "app", FIELD_ID, offsetof(Grant, app)},
    {.number = 4, "identity", FIELD_ID, offsetof(Grant, identity)},
    {.number = 5, "session", FIELD_ID, offsetof(Grant, session)},
    {.number = 6, "redirect_uri", FIELD_TEXT, offsetof(Grant, redirect_uri)},
    {.number = 7, "challenge", FIELD_TEXT, offsetof(Grant, challenge)},
    {.number = 8, "scopes", FIELD_TEXTS, offsetof(Grant, scopes)},
    {.number = 9, "nonce", FIELD_TEXT, offsetof(Grant, nonce)},
    {.number = 10, "sid", FIELD_TEXT, offsetof(Grant, sid)},
    {.number = 11, "auth_usec", FIELD_I64, offsetof(Grant, auth_usec)},
    {.number = 12, "auth_time_asked", FIELD_BOOL, offsetof(Grant, auth_time_asked)},
    {.number = 13, "expires_usec", FIELD_I64, offsetof(Grant, expires_usec)},
    {.number = 14, "spent", FIELD_BOOL, offsetof(Grant, spent)},
    {.number = 15, "chain", FIELD_ID, offsetof(Grant, chain)},
    {.number = 16, "resources", FIELD_TEXTS, offsetof(Grant, resources)},
    {.number = 0},
};

const RecordTable grant_table = {
    .name = "grant",
    .kind = KIND_GRANT,
    .size = sizeof(Grant),
    .fields = grant_fields,
    .of_epoch = TRUE};

static void grant_free(Grant *grant)
{
    record_free(&grant_table, grant);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grant, grant_free)

/* An unspent one stays as long as a spent one would: the record's end tells a stranger nothing. */
static gboolean grant_save(Txn *txn, const Grant *grant, GError **error)
{
    return record_save(
        txn, &grant_table, grant->id.bytes, ID_BYTES, grant, grant->expires_usec + GRANT_SPENT_USEC,
        error);
}

gboolean grant_make(
    Txn *txn,
    const Authorization *authorization,
    const Identity *identity,
    const Session *session,
    char **ret_code,
    GError **error)
{
    g_autoptr(Grant) grant = g_new0(Grant, 1);
    Token token;

    random_id(&grant->id);
    token_draw(&grant->id, &token);
    token_hash(&token, grant->hash);
    grant->app = identity->app;
    grant->identity = identity->id;
    grant->session = session->id;
    grant->redirect_uri = g_strdup(authorization->redirect_uri);
    grant->challenge = g_strdup(authorization->challenge);
    grant->scopes = g_strdupv(authorization->scopes);
    grant->resources = g_strdupv(authorization->resources);
    grant->nonce = g_strdup(authorization->nonce);
    grant->auth_usec = session->signed_in_usec;
    grant->auth_time_asked = authorization->max_age >= 0;
    grant->expires_usec = txn_now(txn) + GRANT_LIFE_USEC;
    if (!session_app_enter(txn, session, identity, &grant->sid, error) ||
        !grant_save(txn, grant, error)) {
        return FALSE;
    }
    *ret_code = token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_CODE, &token);
    return TRUE;
}

/* RFC 7636 4.6, S256 */
static gboolean verifier_fits(const char *verifier, const char *challenge)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    gsize chars = verifier ? strlen(verifier) : 0;
    guint8 digest[SHA256_BYTES];

    if (chars < VERIFIER_CHARS_MIN || chars > VERIFIER_CHARS_MAX ||
        strspn(verifier, unreserved) != chars) {
        return FALSE;
    }
    sha256(verifier, chars, digest);
    g_autofree char *made = base64url_encode(digest, sizeof(digest));
    return strlen(challenge) == strlen(made) && secret_equal(made, challenge, strlen(made));
}

static Outcome refuse(TokenAnswer *answer, Reason reason, const char *description)
{
    answer->reason = reason;
    answer->description = description;
    return OUTCOME_DENIED;
}

static Outcome not_good(TokenAnswer *answer)
{
    return refuse(answer, REASON_GRANT_INVALID, "the code is not good");
}

/* A code that comes a second time was stolen once: what it gave ends (RFC 9700 4.5, RFC
 * 6749 4.1.2). */
static Outcome end_what_it_gave(Txn *txn, const Grant *grant, TokenAnswer *answer, GError **error)
{
    g_autoptr(Chain) chain = NULL;

    if (!chain_load(txn, &grant->chain, &chain, error)) {
        return OUTCOME_BROKEN;
    }
    if (chain && !chain->ended && !chain_end_for_reuse(txn, chain, error)) {
        return OUTCOME_BROKEN;
    }
    return not_good(answer);
}

static Outcome spend(Txn *txn, Grant *grant, TokenAnswer *answer, GError **error)
{
    grant->spent = TRUE;
    return grant_save(txn, grant, error) ? not_good(answer) : OUTCOME_BROKEN;
}

/* Who signed out a moment ago has ended what that session gave, this code too, unless it was meant
 * to outlive the session. */
static gboolean session_allows(Txn *txn, const Grant *grant, gboolean *ret_allows, GError **error)
{
    g_autoptr(Session) session = NULL;

    if (!session_load(txn, &grant->session, &session, error)) {
        return FALSE;
    }
    *ret_allows = session || g_strv_contains((const char *const *)grant->scopes, "offline_access");
    return TRUE;
}

/* The chain, and what of the answer is no token. */
static gboolean
start(Txn *txn, const ChainStart *begin, Grant *grant, TokenAnswer *answer, GError **error)
{
    g_autoptr(Chain) chain = NULL;

    if (!chain_start(txn, begin, &chain, answer, error)) {
        return FALSE;
    }
    grant->spent = TRUE;
    grant->chain = chain->id;
    answer->nonce = g_strdup(grant->nonce);
    answer->auth_usec = grant->auth_time_asked ? grant->auth_usec : 0;
    return grant_save(txn, grant, error);
}

static Outcome give(
    Txn *txn,
    const Caller *caller,
    const App *app,
    Grant *grant,
    const char *resource,
    TokenAnswer *answer,
    GError **error)
{
    g_autoptr(Identity) identity = NULL;
    gboolean good = FALSE;
    gboolean allowed = FALSE;
    gboolean paid = FALSE;
    ChainStart begin = {
        .session = &grant->session,
        .scopes = (const char *const *)grant->scopes,
        .resources = (const char *const *)grant->resources,
        .resource = resource,
        .auth_usec = grant->auth_usec,
        .sid = grant->sid,
    };

    if (!chain_is_good(txn, &grant->identity, app, &identity, &good, error) ||
        !session_allows(txn, grant, &allowed, error)) {
        return OUTCOME_BROKEN;
    }
    if (!good || !allowed) {
        return spend(txn, grant, answer, error);
    }
    if (!token_budget_take(txn, caller, &grant->app, &begin.full_usec, &paid, error)) {
        return OUTCOME_BROKEN;
    }
    if (!paid) {
        return refuse(answer, REASON_TOO_MANY, "the app asked for tokens too often");
    }
    begin.identity = identity;
    return start(txn, &begin, grant, answer, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

static Outcome judge(
    Txn *txn,
    const GrantRedeemAsked *asked,
    const App *app,
    Grant *grant,
    TokenAnswer *answer,
    GError **error)
{
    const char *const *granted = (const char *const *)grant->resources;
    const char *resource = NULL;
    gboolean right =
        verifier_fits(asked->code_verifier, grant->challenge) &&
        (!asked->redirect_uri || g_str_equal(asked->redirect_uri, grant->redirect_uri));

    if (grant->spent) {
        return right ? end_what_it_gave(txn, grant, answer, error) : not_good(answer);
    }
    if (grant->expires_usec <= txn_now(txn)) {
        return not_good(answer);
    }
    if (!right) {
        return spend(txn, grant, answer, error);
    }
    if (!app_resource_choose(app, granted, asked->resources, &resource)) {
        return refuse(answer, REASON_TARGET_INVALID, "the resource is not one of this code");
    }
    answer->client_id = g_strdup(asked->client_id);
    return give(txn, asked->caller, app, grant, resource, answer, error);
}

static Outcome
redeem(Txn *txn, const GrantRedeemAsked *asked, TokenAnswer *ret_answer, GError **error)
{
    g_autoptr(App) app = NULL;
    g_autoptr(Grant) grant = NULL;
    Token token;

    if (!app_find(txn, asked->client_id, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app) {
        return refuse(ret_answer, REASON_CLIENT_UNKNOWN, "the client is not known");
    }
    ret_answer->alg = app->id_token_alg;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_CODE, asked->code, &token)) {
        return not_good(ret_answer);
    }
    if (!record_load(txn, &grant_table, token.handle.bytes, ID_BYTES, (gpointer *)&grant, error)) {
        return OUTCOME_BROKEN;
    }
    if (!grant || !id_equal(&grant->app, &app->id) || !token_matches(&token, grant->hash)) {
        return not_good(ret_answer);
    }
    Outcome outcome = judge(txn, asked, app, grant, ret_answer, error);
    return outcome == OUTCOME_GRANTED && !registration_touch(txn, app, error) ? OUTCOME_BROKEN
                                                                              : outcome;
}

Outcome
grant_redeem(Txn *txn, const GrantRedeemAsked *asked, TokenAnswer *ret_answer, GError **error)
{
    Outcome outcome = redeem(txn, asked, ret_answer, error);

    return token_budget_settle(
        txn, asked->caller, outcome, &ret_answer->reason, &ret_answer->description, error);
}

ACT_DEFINE(grant_redeem, GrantRedeemAsked, TokenAnswer, token_answer_clear);
