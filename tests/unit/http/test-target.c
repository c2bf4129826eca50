/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/target.h"

#include <string.h>

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct Row {
    const char *text;
    gboolean sound;
} Row;

static void targets_have_a_path_and_whole_octets(void)
{
    static const Row rows[] = {
        {"/", TRUE},
        {"//", TRUE},
        {"/a?b=c&d=%20%C3%a4", TRUE},
        {"/%00", TRUE},
        {"http://id.example/", TRUE},
        {"HTTP://id.example:443/a?b", TRUE},
        {"https://id.example/", FALSE},
        {"http://[2001:db8::1]:80/", TRUE},
        {"", FALSE},
        {"*", FALSE},
        {"a", FALSE},
        {"?", FALSE},
        {"/%", FALSE},
        {"/%2", FALSE},
        {"/a%2", FALSE},
        {"/%2g", FALSE},
        {"/%g2", FALSE},
        {"/#", FALSE},
        {"/a#b", FALSE},
        {"http://", FALSE},
        {"http:///", FALSE},
        {"http:/a", FALSE},
        {"http://id.example", FALSE},
        {"http://id.example?a", FALSE},
        {"http://user@id.example/", FALSE},
        {"http://id.example/%", FALSE},
        {"ftp://id.example/", FALSE},
        {"id.example:443", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const guint8 *text = (const guint8 *)rows[i].text;
        g_test_message("%s", rows[i].text);
        g_assert_cmpint(target_is_sound(text, strlen(rows[i].text)), ==, rows[i].sound);
    }
}

static void hosts_are_names_or_addresses_with_maybe_a_port(void)
{
    static const Row rows[] = {
        {"id.example", TRUE},
        {"ID.example.:8443", TRUE},
        {"a_b", TRUE},
        {"127.0.0.1:1", TRUE},
        {"[::1]", TRUE},
        {"[::1]:65535", TRUE},
        {"", FALSE},
        {":80", FALSE},
        {"id.example:", FALSE},
        {"id.example:http", FALSE},
        {"id.example:65536", FALSE},
        {"id.example:+1", FALSE},
        {"id.example:1:1", FALSE},
        {"::1", FALSE},
        {"[::1", FALSE},
        {"::1]", FALSE},
        {"[]", FALSE},
        {"[1:2]", FALSE},
        {"[::1]x", FALSE},
        {"[::1%25lo]", FALSE},
        {"a b", FALSE},
        {"a,b", FALSE},
        {"user@id.example", FALSE},
        {"id.example/", FALSE},
        {"id.example?a", FALSE},
        {"id%2eexample", FALSE},
        {"\xc3\xa4", FALSE},
        {LABEL_63 LABEL_63 LABEL_63 LABEL_63 LABEL_63, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const guint8 *text = (const guint8 *)rows[i].text;
        g_test_message("%s", rows[i].text);
        g_assert_cmpint(target_host_is_sound(text, strlen(rows[i].text)), ==, rows[i].sound);
    }
    g_assert_false(target_host_is_sound((const guint8 *)"a\0b", 3));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/target/" #promise, promise)
    TEST(targets_have_a_path_and_whole_octets);
    TEST(hosts_are_names_or_addresses_with_maybe_a_port);
    return g_test_run();
}
