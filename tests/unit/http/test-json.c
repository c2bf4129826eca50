/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/json.h"

#include <string.h>

static gboolean takes(const char *text, gsize size)
{
    json_t *body = json_body_parse(text, size);
    gboolean taken = body != NULL;

    json_decref(body);
    return taken;
}

static void good_objects_are_taken(void)
{
    static const char *const rows[] = {
        "{}",
        "{\"a\":\"b\"}",
        "{\"a\":\"\\\"}{[\"}",
        "{\"a\":\"\\ud83d\\ude00\"}",
        "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}",
        "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\"}"};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_true(takes(rows[i], strlen(rows[i])));
    }
}

static void odd_bodies_are_refused(void)
{
    static const char *const rows[] = {
        "",
        "[]",
        "\"a\"",
        "null",
        "{\"a\":1,\"a\":2}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":1}x",
        "{\"a\":\"\xff\"}",
        "{\"a\":1",
        "{'a':1}",
        "{\"a\":\"\\\\\",\"a\":\"\"}",
        "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_false(takes(rows[i], strlen(rows[i])));
    }
    g_assert_false(takes("{\"a\":\"b\0\"}", 10));
    g_assert_false(takes(NULL, 0));
}

static void an_empty_text_counts_as_absent(void)
{
    static const char text[] = "{\"a\":\"\",\"b\":\"c\",\"d\":1}";
    json_t *body = json_body_parse(text, strlen(text));

    g_assert_nonnull(body);
    g_assert_null(json_text_of(body, "a"));
    g_assert_cmpstr(json_text_of(body, "b"), ==, "c");
    g_assert_null(json_text_of(body, "d"));
    g_assert_null(json_text_of(body, "e"));
    json_decref(body);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/json/good_objects_are_taken", good_objects_are_taken);
    g_test_add_func("/http/json/odd_bodies_are_refused", odd_bodies_are_refused);
    g_test_add_func("/http/json/an_empty_text_counts_as_absent", an_empty_text_counts_as_absent);
    return g_test_run();
}
