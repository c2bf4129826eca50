/* SPDX-License-Identifier: GPL-3.0-or-later */

/* device-open.c - a code for an app, or for a PAM service's conversation */

#include "base/secret.h"
#include "core/app-resource.h"
#include "core/device-inside.h"
#include "core/known-key.h"
#include "core/limit.h"
#include "core/network.h"
#include "core/refusal.h"
#include "core/scope.h"
#include "crypto/random.h"
#include "crypto/token.h"
#include "store/list.h"

#include <string.h>

#define KNOCKS_USEC              (10 * USEC_PER_MINUTE)
#define KNOCKS_DEVICE_ONLY_TIMES 10U /* so many times more addresses may knock there */

static void answer_clear(gpointer data)
{
    DeviceOpenAnswer *answer = data;

    g_clear_pointer(&answer->device_code, secret_text_free);
    g_clear_pointer(&answer->user_code, secret_text_free);
    g_clear_pointer(&answer->event, g_free);
}

static Outcome refuse(DeviceOpenAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

/* What a page or an app finds it by. A conversation that takes one-time codes alone has neither. */
static gboolean draw_codes(Txn *txn, Device *device, DeviceOpenAnswer *answer, GError **error)
{
    char code[USER_CODE_CHARS + 1];
    Token token;

    token_draw(&device->id, &token);
    token_hash(&token, device->hash);
    if (!user_code_take(
            txn, &device->id, device->expires_usec, device->user_code_mac, code, error)) {
        return FALSE;
    }
    answer->device_code = token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_DEVICE, &token);
    answer->user_code = user_code_show(code);
    secret_wipe(code, sizeof(code));
    return TRUE;
}

static Outcome
open_it(Txn *txn, Device *device, gboolean by_page, DeviceOpenAnswer *answer, GError **error)
{
    random_id(&device->id);
    device->state = answer->known ? DEVICE_APPROVED : DEVICE_PENDING;
    device->interval = DEVICE_INTERVAL_SECONDS;
    device->born_usec = txn_now(txn);
    if ((by_page && !draw_codes(txn, device, answer, error)) || !device_save(txn, device, error)) {
        return OUTCOME_BROKEN;
    }
    txn_announce(txn, KIND_DEVICE, &device->id, CHANGE_ADDED);
    answer->id = device->id;
    answer->expires_usec = device->expires_usec;
    answer->interval = device->interval;
    return OUTCOME_GRANTED;
}

static Outcome
open_for_app(Txn *txn, const DeviceOpenAsked *asked, DeviceOpenAnswer *answer, GError **error)
{
    const Caller *caller = asked->caller;
    g_autofree char *group = network_group(caller->address);
    const LimitUse uses[] = {
        {LIMIT_DEVICE_CLIENT, group, group ? strlen(group) : 0},
        {LIMIT_DEVICE_CLIENT, limit_everybody, strlen(limit_everybody)}, /* live at once */
    };
    g_autoptr(App) app = NULL;
    g_autoptr(Device) device = g_new0(Device, 1);
    gboolean allowed = FALSE;
    guint retry = 0;

    if (!app_find(txn, asked->client_id, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app || app->state == APP_DISABLED) {
        return refuse(answer, app ? REASON_APP_DISABLED : REASON_CLIENT_UNKNOWN);
    }
    if (app_is_unknown(app)) {
        return refuse(answer, REASON_GRANT_NOT_ITS);
    }
    if (!scope_parse(asked->scope, &device->scopes) || !*device->scopes ||
        !scope_within((const char *const *)device->scopes, (const char *const *)app->scopes)) {
        return refuse(answer, REASON_SCOPE_INVALID);
    }
    if (!app_has_resources(app, asked->resources)) {
        return refuse(answer, REASON_TARGET_INVALID);
    }
    if (!limit_take(txn, caller, uses, G_N_ELEMENTS(uses), &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    if (!allowed) {
        return refuse(answer, REASON_TOO_MANY);
    }
    device->app = app->id;
    device->resources = g_strdupv((char **)asked->resources);
    device->remote = g_strdup(caller->address);
    device->expires_usec = txn_now(txn) + DEVICE_LIFE_USEC;
    return open_it(txn, device, TRUE, answer, error);
}

/* What a user's list of conversations says about a new one. */
typedef struct Knocks {
    guint all, own;  /* begun in the last ten minutes */
    Device *pending; /* of the same address, or of the same asker here */
} Knocks;

static void knocks_clear(Knocks *knocks)
{
    g_clear_pointer(&knocks->pending, device_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Knocks, knocks_clear)

/* Takes the device when it is the one to be replaced. */
static void knocks_add(const Txn *txn, const Device *mine, Device **device, Knocks *knocks)
{
    g_autofree char *origin = device_origin(*device);
    g_autofree char *my_origin = device_origin(mine);
    const gboolean own = g_str_equal(origin, my_origin);

    knocks->all++;
    knocks->own += own ? 1 : 0;
    if (own && g_str_equal((*device)->remote, mine->remote) && device_is_undecided(txn, *device)) {
        g_clear_pointer(&knocks->pending, device_free);
        knocks->pending = g_steal_pointer(device);
    }
}

/* A record outlives its conversation by ten minutes, so whatever counts is still there. */
static gboolean
knocks_count(Txn *txn, const Device *mine, const ListName *name, Knocks *knocks, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, name, NULL, G_MAXUINT, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        const Id *id = &g_array_index(ids, Id, i);
        g_autoptr(Device) device = NULL;
        if (!device_load(txn, id, &device, error)) {
            return FALSE;
        }
        gboolean counts = device && device->born_usec + KNOCKS_USEC > txn_now(txn);
        if (!counts && !list_remove_lasting(txn, name, id, KNOCKS_USEC, error)) {
            return FALSE;
        }
        if (counts) {
            knocks_add(txn, mine, &device, knocks);
        }
    }
    return ids != NULL;
}

/* Whoever knocks at a user's name takes device codes from him, but not one-time codes: those each
 * address has its own few of. */
static Outcome open_for_codes(
    Txn *txn,
    const Caller *caller,
    Device *device,
    DeviceOpenAnswer *answer,
    GError **error)
{
    g_autofree char *from = device_origin(device);
    const LimitUse use = {LIMIT_OTP_CLIENT, from, strlen(from)};
    gboolean allowed = FALSE;
    guint retry = 0;

    if (!limit_take(txn, caller, &use, 1, &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    return allowed ? open_it(txn, device, FALSE, answer, error) : refuse(answer, REASON_TOO_MANY);
}

/* Few of a user and address in ten minutes, and not many from all addresses (pam.md): both follow
 * the limit device_client, its count from all, a tenth of it from one. Where no one-time codes are
 * taken, who comes from an address of his own has one still: nobody locks anybody out by knocking.
 * A screen is locked more often than that, and its programs have a limit of their own. */
static gboolean knocks_are_many(const Caller *caller, const Device *device, const Knocks *knocks)
{
    const LimitRate *limits = caller->tenant->limits;
    const guint all_max = limits[LIMIT_DEVICE_CLIENT].count;

    if (!device->remote_is_trusted) {
        return knocks->all >= limits[LIMIT_UNPRIVILEGED_USER].count;
    }
    if (knocks->own >= MAX(1, all_max / 10)) {
        return TRUE;
    }
    if (knocks->own > 0 || service_takes_codes(caller->config, device->service)) {
        return knocks->all >= all_max;
    }
    return knocks->all >= all_max * KNOCKS_DEVICE_ONLY_TIMES;
}

/* One pending of a user and address, and not too many. */
static Outcome open_counted(
    Txn *txn,
    const Caller *caller,
    Device *device,
    DeviceOpenAnswer *answer,
    GError **error)
{
    const gboolean by_page = service_takes_devices(caller->config, device->service);
    guint8 user[SHA256_BYTES]; /* a name of any length, or none, is a key */
    const ListName name = {LIST_DEVICES_OF_USER, user, sizeof(user)};
    g_auto(Knocks) knocks = {0};

    device_user_key(device, user);
    if (!knocks_count(txn, device, &name, &knocks, error)) {
        return OUTCOME_BROKEN;
    }
    if (knocks_are_many(caller, device, &knocks)) {
        return service_takes_codes(caller->config, device->service)
                   ? open_for_codes(txn, caller, device, answer, error)
                   : refuse(answer, REASON_TOO_MANY);
    }
    if (knocks.pending &&
        !device_end(txn, knocks.pending, DEVICE_CANCELLED, REASON_CANCELLED, error)) {
        return OUTCOME_BROKEN;
    }
    Outcome outcome = open_it(txn, device, by_page, answer, error);
    return outcome != OUTCOME_GRANTED ||
                   list_add_lasting(txn, &name, &device->id, KNOCKS_USEC, error)
               ? outcome
               : OUTCOME_BROKEN;
}

/* What was approved before with the same key is no knock: it is granted, whoever knocks. All else
 * is counted as ever. */
static Outcome open_or_let_in(
    Txn *txn,
    const Caller *caller,
    Device *device,
    DeviceOpenAnswer *answer,
    GError **error)
{
    if (!known_key_find(txn, caller, device, &answer->known, error)) {
        return OUTCOME_BROKEN;
    }
    return answer->known ? open_it(txn, device, FALSE, answer, error)
                         : open_counted(txn, caller, device, answer, error);
}

/* It has no record of its own that could keep the event of its end. */
static Outcome
note_refusal(Txn *txn, const Device *device, DeviceOpenAnswer *answer, GError **error)
{
    const RefusalOf of = {
        .app = device->app,
        .service = device->service,
        .host = device->host,
        .pam_service = device->pam_service,
        .local_user = device->local_user,
        .by_root = device->remote_is_trusted,
        .reason = answer->reason};

    return refusal_note(txn, &of, &answer->event, &answer->event_is_new, error) ? OUTCOME_DENIED
                                                                                : OUTCOME_BROKEN;
}

static Outcome
open_for_service(Txn *txn, const DeviceOpenAsked *asked, DeviceOpenAnswer *answer, GError **error)
{
    const CoreConfig *config = asked->caller->config;
    const gboolean trusted = asked->caller->uid == 0;
    const char *remote = trusted ? asked->remote : NULL;
    g_autoptr(Service) service = NULL;
    g_autoptr(Device) device = g_new0(Device, 1);
    g_autofree char *address = network_canonical(remote);

    if (!service_find(txn, config, asked->pam_service, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (!service) {
        return refuse(answer, REASON_SERVICE_OFF);
    }
    device->app = service->app;
    device->scopes = g_new0(char *, 1);
    device->service = g_strdup(service->name);
    device->pam_service = device_keep_text(asked->pam_service);
    device->host = g_strdup(config->host_name);
    device->local_user = device_keep_text(asked->local_user);
    device->asker = device_keep_text(trusted ? asked->asker : NULL);
    device->terminal = device_keep_text(trusted ? asked->terminal : NULL);
    device->remote = address ? g_steal_pointer(&address) : device_keep_text(remote);
    device->remote_is_trusted = trusted;
    device->privileged = asked->privileged || !trusted;
    device->sign_in_since_usec = asked->superuser ? txn_now(txn) - asked->elapsed_usec : 0;
    device->expires_usec = txn_now(txn) + asked->life_usec;
    if (trusted && g_str_equal(device->service, KNOWN_KEY_SERVICE)) {
        (void)ssh_key_read(asked->auth_info, device->key);
    }
    Outcome outcome = open_or_let_in(txn, asked->caller, device, answer, error);
    return outcome == OUTCOME_DENIED ? note_refusal(txn, device, answer, error) : outcome;
}

Outcome
device_open(Txn *txn, const DeviceOpenAsked *asked, DeviceOpenAnswer *ret_answer, GError **error)
{
    return asked->pam_service ? open_for_service(txn, asked, ret_answer, error)
                              : open_for_app(txn, asked, ret_answer, error);
}

ACT_DEFINE(device_open, DeviceOpenAsked, DeviceOpenAnswer, answer_clear);
