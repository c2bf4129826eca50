/* SPDX-License-Identifier: GPL-3.0-or-later */

/* user-code.c - the eight letters that a person types on our page: drawn, read, found */

#include "base/error.h"
#include "core/device-inside.h"
#include "core/limit.h"
#include "core/network.h"
#include "core/session.h"
#include "crypto/random.h"

#include <string.h>

#define USER_CODE_DRAWS_MAX 8U

static void draw_user_code(char ret_code[USER_CODE_CHARS + 1])
{
    for (guint i = 0; i < USER_CODE_CHARS; i++) {
        ret_code[i] = USER_CODE_ALPHABET[random_below(sizeof(USER_CODE_ALPHABET) - 1)];
    }
    ret_code[USER_CODE_CHARS] = '\0';
}

/* One that no other has: insert if absent. */
gboolean user_code_take(
    Txn *txn,
    const Id *owner,
    gint64 expires_usec,
    guint8 ret_mac[32],
    char ret_code[USER_CODE_CHARS + 1],
    GError **error)
{
    g_autoptr(GBytes) id = g_bytes_new(owner->bytes, ID_BYTES);

    for (guint draw = 0; draw < USER_CODE_DRAWS_MAX; draw++) {
        g_autoptr(GBytes) taken = NULL;
        draw_user_code(ret_code);
        device_code_mac(txn, "user code", "", 0, ret_code, ret_mac);
        if (!txn_get(txn, KIND_DEVICE_BY_USER_CODE, ret_mac, 32, &taken, error)) {
            return FALSE;
        }
        if (!taken) {
            return txn_put(txn, KIND_DEVICE_BY_USER_CODE, ret_mac, 32, id, expires_usec, error);
        }
    }
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "no user code is free");
    return FALSE;
}

gboolean user_code_read(const char *typed, char ret_code[USER_CODE_CHARS + 1])
{
    char code[USER_CODE_CHARS + 1] = {0};
    guint chars = 0;

    for (; *typed; typed++) {
        if (*typed == '-' || *typed == ' ') {
            continue;
        }
        char letter = g_ascii_toupper(*typed);
        if (chars == USER_CODE_CHARS || !strchr(USER_CODE_ALPHABET, letter)) {
            return FALSE;
        }
        code[chars++] = letter;
    }
    if (chars < USER_CODE_CHARS) {
        return FALSE;
    }
    memcpy(ret_code, code, sizeof(code));
    return TRUE;
}

char *user_code_show(const char code[USER_CODE_CHARS])
{
    return g_strdup_printf("%.4s-%.4s", code, code + 4);
}

gboolean user_code_find(Txn *txn, const char *user_code, Id *ret_owner, GError **error)
{
    char code[USER_CODE_CHARS + 1];
    guint8 mac[32];
    g_autoptr(GBytes) found = NULL;

    *ret_owner = ID_NONE;
    if (!user_code || !user_code_read(user_code, code)) {
        return TRUE;
    }
    device_code_mac(txn, "user code", "", 0, code, mac);
    if (!txn_get(txn, KIND_DEVICE_BY_USER_CODE, mac, sizeof(mac), &found, error)) {
        return FALSE;
    }
    if (found && g_bytes_get_size(found) == ID_BYTES) {
        memcpy(ret_owner->bytes, g_bytes_get_data(found, NULL), ID_BYTES);
    }
    return TRUE;
}

void code_found_clear(CodeFound *found)
{
    g_clear_pointer(&found->device, device_free);
    g_clear_pointer(&found->request, link_request_free);
}

static gboolean code_find(Txn *txn, const char *user_code, CodeFound *ret_found, GError **error)
{
    g_auto(CodeFound) found = {0};

    if (!device_find(txn, user_code, &found.device, error) ||
        (!found.device && !link_request_find(txn, user_code, &found.request, error))) {
        return FALSE;
    }
    ret_found->device = g_steal_pointer(&found.device);
    ret_found->request = g_steal_pointer(&found.request);
    return TRUE;
}

/*
 * Many sessions may be one guesser, so all wrong codes together have a budget too; when it is spent
 * no app's code is taken. A host's is: whoever guesses one gets nothing by it, since only the
 * linked account approves there, or, for a link, the number of the page is typed at the terminal;
 * and nobody must be able to lock a host's people out.
 */
static gboolean judge_in_all(
    Txn *txn,
    const Caller *caller,
    const CodeFound *found,
    gboolean *ret_allowed,
    GError **error)
{
    const LimitUse all = {LIMIT_USER_CODE, limit_everybody, strlen(limit_everybody)};
    const Device *device = found->device;
    guint retry = 0;

    *ret_allowed = TRUE;
    if (found->request || (device && device_is_for_service(device))) {
        return TRUE;
    }
    return limit_take(txn, caller, &all, 1, ret_allowed, &retry, error) &&
           (!device || !*ret_allowed || limit_give_back(txn, caller, &all, 1, error));
}

gboolean code_find_counted(
    Txn *txn,
    const Caller *caller,
    const char *user_code,
    CodeFound *ret_found,
    Reason *ret_reason,
    GError **error)
{
    g_autofree char *group = network_group(caller->address);
    const LimitUse uses[] = {
        {LIMIT_USER_CODE, caller->session->id.bytes, ID_BYTES},
        {LIMIT_USER_CODE, group, group ? strlen(group) : 0},
    };
    g_auto(CodeFound) found = {0};
    gboolean allowed = FALSE;
    guint retry = 0;

    *ret_reason = REASON_TOO_MANY;
    if (!limit_take(txn, caller, uses, G_N_ELEMENTS(uses), &allowed, &retry, error)) {
        return FALSE;
    }
    if (!allowed) {
        return TRUE;
    }
    if (!code_find(txn, user_code, &found, error) ||
        !judge_in_all(txn, caller, &found, &allowed, error)) {
        return FALSE;
    }
    *ret_reason = allowed ? REASON_CODE_WRONG : REASON_TOO_MANY;
    if (!allowed || (!found.device && !found.request)) {
        return TRUE;
    }
    ret_found->device = g_steal_pointer(&found.device);
    ret_found->request = g_steal_pointer(&found.request);
    return limit_give_back(txn, caller, uses, G_N_ELEMENTS(uses), error);
}
