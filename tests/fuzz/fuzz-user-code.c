/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-user-code.c - what a person types: eight letters of the alphabet, or nothing written */

#include "core/device.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *typed = g_strndup((const char *)data, size);
    char code[USER_CODE_CHARS + 1] = "untouch";
    char again[USER_CODE_CHARS + 1];

    if (!user_code_read(typed, code)) {
        g_assert_cmpstr(code, ==, "untouch");
        return 0;
    }
    g_assert_cmpuint(strspn(code, USER_CODE_ALPHABET), ==, USER_CODE_CHARS);
    g_assert_cmpuint(strlen(code), ==, USER_CODE_CHARS);
    g_assert_true(user_code_read(code, again));
    g_assert_cmpstr(code, ==, again);
    return 0;
}
