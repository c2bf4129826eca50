/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/one-time.h"

#include "base/secret.h"
#include "core/device-inside.h"
#include "core/limit.h"
#include "core/session.h"
#include "crypto/random.h"

#include <string.h>

/* Of one account at one service. */
typedef struct OneTime {
    Id identity, session;
    guint8 mac[32];
    gint64 auth_usec;
} OneTime;

static const RecordField one_time_fields[] = {
    {.number = 1, "identity", FIELD_ID, offsetof(OneTime, identity)},
    {.number = 2, "mac", FIELD_HASH, offsetof(OneTime, mac)},
    {.number = 3, "auth_usec", FIELD_I64, offsetof(OneTime, auth_usec)},
    {.number = 4, "session", FIELD_ID, offsetof(OneTime, session)},
    {.number = 0},
};

const RecordTable one_time_table = {
    .name = "one-time code",
    .kind = KIND_ONE_TIME,
    .size = sizeof(OneTime),
    .fields = one_time_fields,
    .of_epoch = TRUE};

/* The key of a record. */
typedef struct Pair {
    Id account, app;
} Pair;

static void answer_clear(gpointer data)
{
    OneTimeDrawAnswer *answer = data;

    g_clear_pointer(&answer->code, secret_text_free);
    g_clear_pointer(&answer->service, g_free);
    g_clear_pointer(&answer->host, g_free);
}

static Outcome refuse(OneTimeDrawAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

/* Letters alone, in capitals; FALSE when it can be none. */
static gboolean read_typed(const char *typed, char ret_code[ONE_TIME_CHARS + 1])
{
    guint chars = 0;

    for (; *typed; typed++) {
        char letter = g_ascii_toupper(*typed);
        if (*typed == '-' || *typed == ' ') {
            continue;
        }
        if (chars == ONE_TIME_CHARS || !strchr(USER_CODE_ALPHABET, letter)) {
            return FALSE;
        }
        ret_code[chars++] = letter;
    }
    ret_code[chars] = '\0';
    return chars == ONE_TIME_CHARS;
}

static void make_mac(const Txn *txn, const Pair *pair, const char *code, guint8 ret_mac[32])
{
    device_code_mac(txn, "one-time", pair, sizeof(*pair), code, ret_mac);
}

static gboolean
draw(Txn *txn, const Caller *caller, const Identity *identity, char **ret_code, GError **error)
{
    const Pair pair = {identity->account, identity->app};
    OneTime one = {
        .identity = identity->id,
        .session = caller->session->id,
        .auth_usec = caller->session->signed_in_usec};
    char code[ONE_TIME_CHARS + 1] = {0};

    for (guint i = 0; i < ONE_TIME_CHARS; i++) {
        code[i] = USER_CODE_ALPHABET[random_below(sizeof(USER_CODE_ALPHABET) - 1)];
    }
    make_mac(txn, &pair, code, one.mac);
    *ret_code = g_strdup_printf("%.5s-%.5s", code, code + 5);
    secret_wipe(code, sizeof(code));
    return record_save(
        txn, &one_time_table, &pair, sizeof(pair), &one, txn_now(txn) + ONE_TIME_LIFE_USEC, error);
}

static Outcome draw_for(
    Txn *txn,
    const Caller *caller,
    const Identity *identity,
    OneTimeDrawAnswer *answer,
    GError **error)
{
    g_autoptr(App) app = NULL;

    if (!app_load(txn, &identity->app, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app || !app->service) {
        return refuse(answer, REASON_NOT_FOUND);
    }
    if (app->state == APP_DISABLED || !service_takes_codes(caller->config, app->name)) {
        return refuse(answer, REASON_NOT_PERMITTED);
    }
    answer->service = g_strdup(app->name);
    answer->host = g_strdup(caller->config->host_name);
    answer->seconds = (guint)(ONE_TIME_LIFE_USEC / USEC_PER_SEC);
    return draw(txn, caller, identity, &answer->code, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome one_time_draw(
    Txn *txn,
    const OneTimeDrawAsked *asked,
    OneTimeDrawAnswer *ret_answer,
    GError **error)
{
    const Caller *caller = asked->caller;
    g_autoptr(Identity) identity = NULL;

    if (!session_form_token_matches(txn, caller, asked->form_token)) {
        return refuse(ret_answer, REASON_FORM_TOKEN);
    }
    if (!session_is_fresh(txn, caller->session)) {
        return refuse(ret_answer, REASON_STALE_SIGN_IN);
    }
    if (!identity_load(txn, asked->identity, &identity, error)) {
        return OUTCOME_BROKEN;
    }
    if (!identity || !id_equal(&identity->account, &caller->account->id)) {
        return refuse(ret_answer, REASON_NOT_FOUND);
    }
    return draw_for(txn, caller, identity, ret_answer, error);
}

/* Once; and not when who drew it has signed out since. */
static gboolean take(
    Txn *txn,
    const Pair *pair,
    const OneTime *one,
    Device *device,
    gboolean *ret_right,
    GError **error)
{
    g_autoptr(Session) session = NULL;

    if (!session_load(txn, &one->session, &session, error) ||
        !txn_delete(txn, KIND_ONE_TIME, pair, sizeof(*pair), error)) {
        return FALSE;
    }
    *ret_right = session != NULL;
    device->account = pair->account;
    device->identity = one->identity;
    device->auth_usec = one->auth_usec;
    return TRUE;
}

/* Takes it when it is @code. */
static gboolean try_one(
    Txn *txn,
    const Pair *pair,
    const char *code,
    Device *device,
    gboolean *ret_right,
    GError **error)
{
    gpointer found = NULL;
    guint8 mac[32];

    if (!record_load(txn, &one_time_table, (const guint8 *)pair, sizeof(*pair), &found, error)) {
        return FALSE;
    }
    make_mac(txn, pair, code, mac);
    const OneTime none = {.auth_usec = 0};
    const OneTime *one = found ? found : &none;
    *ret_right = FALSE;
    gboolean fits = secret_equal(mac, one->mac, sizeof(mac)) && found;
    gboolean done = !fits || take(txn, pair, one, device, ret_right, error);
    record_free(&one_time_table, found);
    return done;
}

/* All who are linked are tried, and nobody where nobody is. */
static gboolean
try_all(Txn *txn, const char *code, Device *device, gboolean *ret_right, GError **error)
{
    g_autoptr(GArray) accounts = link_accounts(txn, device->service, device->local_user, error);
    const Id nobody = ID_NONE;

    *ret_right = FALSE;
    if (accounts && accounts->len == 0) {
        g_array_append_val(accounts, nobody);
    }
    for (guint i = 0; accounts && i < accounts->len; i++) {
        const Pair pair = {g_array_index(accounts, Id, i), device->app};
        gboolean right = FALSE;
        if (!try_one(txn, &pair, code, device, &right, error)) {
            return FALSE;
        }
        *ret_right |= right;
    }
    return accounts != NULL;
}

/* What one try costs. */
typedef struct Price {
    char *from;
    guint8 user[SHA256_BYTES];
    LimitUse uses[2];
} Price;

static void price_clear(Price *price)
{
    g_free(price->from);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Price, price_clear)

/* When others have spent the user's tries, each address has one of its own still: nobody locks
 * anybody out by guessing. */
static gboolean
pay(Txn *txn,
    const Caller *caller,
    const Device *device,
    Price *price,
    gboolean *ret_paid,
    GError **error)
{
    guint retry = 0;

    price->from = device_origin(device);
    price->uses[0] = (LimitUse){LIMIT_OTP_CLIENT, price->from, strlen(price->from)};
    device_user_key(device, price->user);
    price->uses[1] = (LimitUse){LIMIT_OTP_USER, price->user, sizeof(price->user)};
    if (!limit_take(txn, caller, price->uses, 2, ret_paid, &retry, error)) {
        return FALSE;
    }
    if (*ret_paid) {
        return TRUE;
    }
    price->uses[1] = (LimitUse){LIMIT_OTP_FIRST, price->from, strlen(price->from)};
    return limit_take(txn, caller, price->uses, 2, ret_paid, &retry, error);
}

static OneTimeEnd end_of_right(const Device *device)
{
    return device->auth_usec < device->sign_in_since_usec ? ONE_TIME_OLD_SIGN_IN : ONE_TIME_RIGHT;
}

gboolean one_time_redeem(
    Txn *txn,
    const Caller *caller,
    const char *typed,
    Device *device,
    OneTimeEnd *ret_end,
    GError **error)
{
    g_auto(Price) price = {0};
    char code[ONE_TIME_CHARS + 1] = {0};
    gboolean allowed = FALSE;
    gboolean right = FALSE;

    gboolean like = read_typed(typed, code);
    if (!pay(txn, caller, device, &price, &allowed, error)) {
        return FALSE;
    }
    gboolean told = !allowed || !like ||
                    (try_all(txn, code, device, &right, error) &&
                     (!right || limit_give_back(txn, caller, price.uses, 2, error)));
    secret_wipe(code, sizeof(code));
    *ret_end = !allowed ? ONE_TIME_TOO_OFTEN : right ? end_of_right(device) : ONE_TIME_WRONG;
    return told;
}

ACT_DEFINE(one_time_draw, OneTimeDrawAsked, OneTimeDrawAnswer, answer_clear);
