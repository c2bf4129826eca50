/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-authorization.c - the parameters of an authorization request, one a line; and any bytes as
 * the plain text of a sealed one */

#include "core/authorization-check.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const gsize places[] = {
    offsetof(AuthorizationParameters, response_type),
    offsetof(AuthorizationParameters, scope),
    offsetof(AuthorizationParameters, state),
    offsetof(AuthorizationParameters, nonce),
    offsetof(AuthorizationParameters, code_challenge),
    offsetof(AuthorizationParameters, code_challenge_method),
    offsetof(AuthorizationParameters, prompt),
    offsetof(AuthorizationParameters, max_age),
    offsetof(AuthorizationParameters, login_hint),
    offsetof(AuthorizationParameters, response_mode),
    offsetof(AuthorizationParameters, request),
    offsetof(AuthorizationParameters, request_uri),
};

static void check_lines(const uint8_t *data, size_t size)
{
    static const char *const scopes[] = {"openid", "offline_access", NULL};
    const App app = {.scopes = (char **)scopes};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", G_N_ELEMENTS(places));
    g_autoptr(Authorization) authorization = g_new0(Authorization, 1);
    AuthorizationParameters parameters = {NULL};
    const char *description = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(places) && lines[i]; i++) {
        const char *value = *lines[i] ? lines[i] : NULL;
        memcpy((char *)&parameters + places[i], &value, sizeof(value));
    }
    Reason reason = authorization_check(&parameters, &app, authorization, &description);
    g_assert_true((reason == REASON_NONE) == (description == NULL));
    if (reason == REASON_NONE) {
        g_assert_cmpuint(strlen(authorization->challenge), ==, 43);
        g_assert_cmpstr(parameters.code_challenge_method, ==, "S256");
        g_assert_cmpint(authorization->max_age, >=, -1);
    }
}

static void check_record(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(Authorization) authorization = record_decode(&authorization_table, bytes, NULL);

    if (authorization) {
        g_autoptr(GBytes) first = record_encode(&authorization_table, authorization);
        g_autoptr(Authorization) again = record_decode(&authorization_table, first, NULL);
        g_assert_nonnull(again);
        g_autoptr(GBytes) second = record_encode(&authorization_table, again);
        g_assert_true(g_bytes_equal(first, second));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines(data, size);
    check_record(data, size);
    return 0;
}
