/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-form.c - forms and cookies: what is read is text, and of what was sent */

#include "http/cookies.h"
#include "http/form.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "client_id", "resource", ""};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(Form) form = form_parse(text);
    g_autofree char *cookie = cookie_read(text, "a");

    for (gsize i = 0; form && i < G_N_ELEMENTS(names); i++) {
        const char *value = form_value(form, names[i]);
        g_assert(!value || (*value && g_utf8_validate(value, -1, NULL)));
        g_assert(!value || strlen(value) <= strlen(text));
    }
    g_assert(!cookie || (strstr(text, cookie) && !strchr(cookie, ';')));
    return 0;
}
