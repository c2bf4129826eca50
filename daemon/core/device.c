/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/device-inside.h"

#include "base/text.h"
#include "core/event.h"
#include "core/network.h"
#include "core/ssh-key.h"
#include "crypto/random.h"

#include <string.h>

#define TEXT_BYTES_MAX 255U
#define NUMBERS        100U /* 00 to 99 */

static const RecordField device_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Device, id)},
    {.number = 2, "hash", FIELD_HASH, offsetof(Device, hash)},
    {.number = 3, "user_code_mac", FIELD_HASH, offsetof(Device, user_code_mac)},
    {.number = 4, "app", FIELD_ID, offsetof(Device, app)},
    {.number = 5, "service", FIELD_TEXT, offsetof(Device, service)},
    {.number = 6, "pam_service", FIELD_TEXT, offsetof(Device, pam_service)},
    {.number = 7, "host", FIELD_TEXT, offsetof(Device, host)},
    {.number = 8, "local_user", FIELD_TEXT, offsetof(Device, local_user)},
    {.number = 9, "asker", FIELD_TEXT, offsetof(Device, asker)},
    {.number = 10, "terminal", FIELD_TEXT, offsetof(Device, terminal)},
    {.number = 11, "remote", FIELD_TEXT, offsetof(Device, remote)},
    {.number = 12, "remote_is_trusted", FIELD_BOOL, offsetof(Device, remote_is_trusted)},
    {.number = 13, "privileged", FIELD_BOOL, offsetof(Device, privileged)},
    {.number = 14, "scopes", FIELD_TEXTS, offsetof(Device, scopes)},
    {.number = 15, "state", FIELD_U32, offsetof(Device, state)},
    {.number = 16, "reason", FIELD_U32, offsetof(Device, reason)},
    {.number = 17, "account", FIELD_ID, offsetof(Device, account)},
    {.number = 18, "identity", FIELD_ID, offsetof(Device, identity)},
    {.number = 19, "auth_usec", FIELD_I64, offsetof(Device, auth_usec)},
    {.number = 20, "number_wanted", FIELD_BOOL, offsetof(Device, number_wanted)},
    {.number = 21, "number_mac", FIELD_HASH, offsetof(Device, number_mac)},
    {.number = 22, "interval", FIELD_U32, offsetof(Device, interval)},
    {.number = 23, "polled_usec", FIELD_I64, offsetof(Device, polled_usec)},
    {.number = 24, "born_usec", FIELD_I64, offsetof(Device, born_usec)},
    {.number = 25, "expires_usec", FIELD_I64, offsetof(Device, expires_usec)},
    {.number = 26, "event", FIELD_TEXT, offsetof(Device, event)},
    {.number = 27, "resources", FIELD_TEXTS, offsetof(Device, resources)},
    {.number = 28, "sign_in_since_usec", FIELD_I64, offsetof(Device, sign_in_since_usec)},
    {.number = 29, "key", FIELD_HASH, offsetof(Device, key)},
    {.number = 30, "session", FIELD_ID, offsetof(Device, session)},
    {.number = 31, "known_by", FIELD_TEXT, offsetof(Device, known_by)},
    {.number = 0},
};

const RecordTable device_table = {
    .name = "device",
    .kind = KIND_DEVICE,
    .size = sizeof(Device),
    .fields = device_fields,
    .of_epoch = TRUE};

void device_free(Device *device)
{
    record_free(&device_table, device);
}

gboolean device_load(Txn *txn, const Id *id, Device **ret_device, GError **error)
{
    return record_load(txn, &device_table, id->bytes, ID_BYTES, (gpointer *)ret_device, error);
}

gboolean device_save(Txn *txn, const Device *device, GError **error)
{
    return record_save(
        txn, &device_table, device->id.bytes, ID_BYTES, device,
        device->expires_usec + DEVICE_AFTER_USEC, error);
}

/* What is not plain becomes visible, and it is cut to what a record may hold. */
char *device_keep_text(const char *text)
{
    g_autofree char *plain = text_for_people(text, TEXT_BYTES_MAX);
    gsize bytes = MIN(strlen(plain), TEXT_BYTES_MAX);

    while (bytes > 0 && (plain[bytes] & 0xc0) == 0x80) {
        bytes--;
    }
    return g_strndup(plain, bytes);
}

gboolean device_is_for_service(const Device *device)
{
    return device->service && *device->service;
}

gboolean device_is_undecided(const Txn *txn, const Device *device)
{
    return (device->state == DEVICE_PENDING || device->state == DEVICE_APPROVED) &&
           device->expires_usec > txn_now(txn);
}

gboolean device_takes_approval(const Device *device)
{
    static const guint8 none[sizeof(device->user_code_mac)];

    return memcmp(device->user_code_mac, none, sizeof(none)) != 0;
}

char *device_draw_number(Txn *txn, Device *device)
{
    char *number = g_strdup_printf("%02u", random_below(NUMBERS));

    device->number_wanted = TRUE;
    device_code_mac(txn, "number", device->id.bytes, ID_BYTES, number, device->number_mac);
    return number;
}

void device_code_mac(
    const Txn *txn,
    const char *label,
    const void *bound,
    gsize bound_size,
    const char *typed,
    guint8 ret_mac[32])
{
    const Piece pieces[] = {
        {label, strlen(label) + 1}, {bound, bound_size}, {typed, strlen(typed)}};

    mac_make(txn_mac(txn, KEY_CODE), pieces, G_N_ELEMENTS(pieces), ret_mac);
}

void device_user_key(const Device *device, guint8 ret_key[SHA256_BYTES])
{
    g_autofree char *text = g_strconcat(
        device->remote_is_trusted ? "+" : "-", device->service, "\n", device->local_user, NULL);

    sha256(text, strlen(text), ret_key);
}

char *device_origin(const Device *device)
{
    if (!device->remote_is_trusted) {
        return g_strconcat("unprivileged ", device->local_user, NULL);
    }
    return device_origin_of(device->service, device->local_user, device->remote, device->asker);
}

char *
device_origin_of(const char *service, const char *local_user, const char *remote, const char *asker)
{
    if (remote && *remote) {
        return network_group(remote);
    }
    /* Programs that name nobody (a console, but a mail server, too) are told apart by what they
     * ask for, else one of them spent what all others have. */
    return asker && *asker ? g_strconcat("local ", asker, NULL)
                           : g_strdup_printf("local %s\n%s", service, local_user);
}

gboolean device_find(Txn *txn, const char *user_code, Device **ret_device, GError **error)
{
    g_autoptr(Device) device = NULL;
    Id id = ID_NONE;

    *ret_device = NULL;
    if (!user_code_find(txn, user_code, &id, error) || !device_load(txn, &id, &device, error)) {
        return FALSE;
    }
    if (device && device->state == DEVICE_PENDING && device->expires_usec > txn_now(txn)) {
        *ret_device = g_steal_pointer(&device);
    }
    return TRUE;
}

gboolean device_is_known(const Device *device)
{
    return device->known_by && *device->known_by;
}

static char *detail_of(const Device *device)
{
    g_autofree char *place = g_strdup_printf(
        "%s %s %s", device->host ? device->host : "",
        device->pam_service ? device->pam_service : "",
        device->local_user ? device->local_user : "");

    if (!device_is_known(device)) {
        return g_strdup(g_strstrip(place));
    }
    g_autofree char *key = ssh_key_show(device->key);
    return g_strdup_printf("%s, by %s, approved in %s", place, key, device->known_by);
}

/* An end that belongs to nobody's account is an event of the app. */
gboolean device_end(Txn *txn, Device *device, DeviceState state, Reason reason, GError **error)
{
    gboolean of_app = id_is_none(&device->account);
    g_autofree char *detail = detail_of(device);
    const Event news = {
        .subject = of_app ? EVENT_OF_APP : EVENT_OF_ACCOUNT,
        .subject_id = of_app ? device->app : device->account,
        .what = EVENT_DEVICE_DECISION,
        .outcome = state == DEVICE_SPENT ? OUTCOME_GRANTED : OUTCOME_DENIED,
        .reason = reason,
        .detail = detail,
    };
    device->state = state;
    device->reason = reason;
    g_clear_pointer(&device->event, g_free);
    txn_announce(txn, KIND_DEVICE, &device->id, CHANGE_CHANGED);
    return event_write(txn, &news, &device->event, error) && device_save(txn, device, error);
}
