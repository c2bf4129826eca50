/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "keys.h"

ServicePolicy *keys_host(Host *host)
{
    ServicePolicy *policy = g_new0(ServicePolicy, 1);

    host_open(host);
    *policy = (ServicePolicy){
        .name = g_strdup("sshd"),
        .code = TRUE,
        .device = TRUE,
        .reauthenticate_after = LASTS_SECONDS};
    g_ptr_array_add(host->house->config->services, policy);
    host->auth_info = KEY;
    return policy;
}

void keys_fresh(Host *host, Caller *caller)
{
    caller->session->signed_in_usec = host->house->now_usec;
}

void keys_approve(Host *host, Caller *caller, const char *user)
{
    g_auto(DeviceOpenAnswer) device = host_opened(host, user);
    g_autofree char *number = NULL;

    g_assert_false(device.known);
    keys_fresh(host, caller);
    g_assert_cmpint(host_decide(host, caller, device.user_code, TRUE, &number), ==, REASON_NONE);
    host_outcome_is(host, &device.id, number ? number : "", OUTCOME_GRANTED);
}

gboolean keys_let_in(Host *host, const char *user)
{
    g_auto(DeviceOpenAnswer) device = host_opened(host, user);

    g_assert_true(!device.known || !device.user_code);
    if (device.known) {
        host_outcome_is(host, &device.id, NULL, OUTCOME_GRANTED);
        host_denied(host, &device.id, NULL, REASON_CODE_EXPIRED); /* once */
    } else {
        host_outcome_is(host, &device.id, NULL, OUTCOME_PENDING);
    }
    house_advance(host->house, 4 * USEC_PER_MINUTE); /* so that prompts are no flood of knocks */
    return device.known;
}

GPtrArray *keys_rows(Host *host, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    GPtrArray *rows = known_key_rows(txn, host->house->config, &caller->account->id, NULL);

    house_commit(txn);
    g_assert_nonnull(rows);
    return rows;
}

guint keys_count(Host *host, const Caller *caller)
{
    g_autoptr(GPtrArray) rows = keys_rows(host, caller);

    return rows->len;
}
