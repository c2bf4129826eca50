/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/lookup.h"

#include <string.h>

#define SHORT_USEC (G_USEC_PER_SEC / 20)

/* Stays in its name server until the test lets it go. */
static char **hang(G_GNUC_UNUSED const char *host, gpointer data)
{
    gint *go = data;

    while (!g_atomic_int_get(go)) {
        g_usleep(1000);
    }
    return g_strdupv((char **)(const char *const[]){"1.1.1.1", NULL});
}

static char **count(const char *host, G_GNUC_UNUSED gpointer data)
{
    guint wanted = (guint)g_ascii_strtoull(host, NULL, 10);
    char **found = g_new0(char *, wanted + 1);

    for (guint i = 0; i < wanted; i++) {
        found[i] = g_strdup_printf("1.1.1.%u", i);
    }
    return found;
}

static gboolean finds(LookupResolve resolve, gpointer data, const char *host, gint64 usec)
{
    const LookupAsked asked = {
        .host = host,
        .resolve = resolve,
        .data = data,
        .deadline_usec = g_get_monotonic_time() + usec,
    };
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) found = lookup_run(&asked, &error);

    g_assert_true((found == NULL) == (error != NULL));
    return found != NULL;
}

static void a_name_has_one_address_or_more_but_not_too_many(void)
{
    g_assert_false(finds(count, NULL, "0", G_USEC_PER_SEC));
    g_assert_true(finds(count, NULL, "1", G_USEC_PER_SEC));
    g_assert_true(finds(count, NULL, "32", G_USEC_PER_SEC));
    g_assert_false(finds(count, NULL, "33", G_USEC_PER_SEC));
}

static void the_system_knows_this_machine(void)
{
    g_assert_true(finds(NULL, NULL, "localhost", 10 * G_USEC_PER_SEC));
    g_assert_false(finds(NULL, NULL, "a..b", 10 * G_USEC_PER_SEC));
}

static void h4_a_silent_name_server_is_left_behind_and_delays_nobody(void)
{
    static gint go; /* the threads outlive this test by a moment */

    for (guint i = 0; i < LOOKUPS_MAX - 1; i++) {
        g_assert_false(finds(hang, &go, "slow.example", 0));
    }
    gint64 begun = g_get_monotonic_time();
    g_assert_false(finds(hang, &go, "slow.example", SHORT_USEC));
    g_assert_cmpint(g_get_monotonic_time() - begun, >=, SHORT_USEC);
    g_assert_false(finds(count, NULL, "1", G_USEC_PER_SEC)); /* no more threads than LOOKUPS_MAX */
    g_atomic_int_set(&go, 1);
    gint64 end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
    while (!finds(count, NULL, "1", G_USEC_PER_SEC)) { /* they end by and by */
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(1000);
    }
}

static void who_stops_waits_for_no_name_server(void)
{
    static gint go;
    const gint stopping = 1;
    const LookupAsked asked = {
        .host = "slow.example",
        .resolve = hang,
        .data = &go,
        .deadline_usec = G_MAXINT64,
        .stopping = &stopping,
    };

    g_assert_null(lookup_run(&asked, NULL));
    g_atomic_int_set(&go, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/jobs/lookup/" #promise, promise)
    TEST(a_name_has_one_address_or_more_but_not_too_many);
    TEST(the_system_knows_this_machine);
    TEST(h4_a_silent_name_server_is_left_behind_and_delays_nobody);
    TEST(who_stops_waits_for_no_name_server);
    return g_test_run();
}
