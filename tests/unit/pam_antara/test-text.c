/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "pam_antara/text.h"

#include "dbus/names.h"

#include <glib.h>
#include <string.h>

/* Each end of each row of Unicode's table 3-7 and of the noncharacters, and the bytes next to it; 0
 * ends a text early. */
static const char bytes[] =
    "\x00\x01\x7f\x80\x8f\x90\x9f\xa0\xaf\xb0\xb7\xbe\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef"
    "\xf0\xf1\xf3\xf4\xf5\xff";
#define BYTES (sizeof(bytes) - 1)

/* As sd-bus reads it. */
static gboolean is_read(const char *text)
{
    gboolean read = g_utf8_validate(text, -1, NULL);

    for (const char *at = text; read && *at; at = g_utf8_next_char(at)) {
        const gunichar letter = g_utf8_get_char(at);
        read = (letter & 0xfffe) != 0xfffe && (letter < 0xfdd0 || letter > 0xfdef);
    }
    return read;
}

static void whatever_the_bus_does_not_read_is_replaced(void)
{
    for (gsize number = 0; number < BYTES * BYTES * BYTES * BYTES; number++) {
        const char text[] = {
            bytes[number % BYTES], bytes[number / BYTES % BYTES],
            bytes[number / BYTES / BYTES % BYTES], bytes[number / BYTES / BYTES / BYTES], '\0'};
        const gboolean good = is_read(text);

        g_assert_cmpstr(text_for_bus(text), ==, good ? text : "?");
        g_assert_cmpstr(text_name_for_bus(text), ==, good ? text : "(no name)");
    }
}

static void a_name_is_no_longer_than_the_daemon_reads(void)
{
    char name[ANTARA_PAM_NAME_BYTES_MAX + 2] = "";

    memset(name, 'a', ANTARA_PAM_NAME_BYTES_MAX);
    g_assert_true(text_name_for_bus(name) == name);
    name[ANTARA_PAM_NAME_BYTES_MAX] = 'a';
    g_assert_cmpstr(text_name_for_bus(name), ==, "(no name)");
    g_assert_true(text_for_bus(name) == name);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pam-antara/text/read", whatever_the_bus_does_not_read_is_replaced);
    g_test_add_func("/pam-antara/text/length", a_name_is_no_longer_than_the_daemon_reads);
    return g_test_run();
}
