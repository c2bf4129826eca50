/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-redirect-uri.c - two lines, a URI and one that was sent: what may be registered matches
 * itself, and whatever matches could have been registered */

#include "core/app.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 2);
    const char *registered = lines[0] ? lines[0] : "";
    const char *sent = lines[0] && lines[1] ? lines[1] : "";

    if (redirect_uri_problem(registered)) {
        return 0;
    }
    g_assert_true(redirect_uri_matches(registered, registered));
    if (redirect_uri_matches(registered, sent)) {
        g_assert_null(redirect_uri_problem(sent));
        g_assert_true(redirect_uri_matches(sent, registered));
    }
    return 0;
}
