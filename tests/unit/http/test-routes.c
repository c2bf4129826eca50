/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/route.h"

static const Route *find(const char *method, const char *path, const char *allow)
{
    const char *tail = NULL;
    const char *found_allow = NULL;
    const Route *route = route_find(method, path, &tail, &found_allow);

    g_assert_cmpstr(found_allow, ==, allow);
    return route;
}

static void a_path_is_found_by_its_verb(void)
{
    const Route *token = find("POST", "/oauth/token", NULL);
    const Route *get = find("GET", "/oauth/userinfo", NULL);
    const Route *post = find("POST", "/oauth/userinfo", NULL);

    g_assert_cmpint(token->face, ==, FACE_SHARED);
    g_assert_cmpint(token->caller, ==, CALLER_NONE);
    g_assert_true(get != post);
    g_assert_true(find("HEAD", "/oauth/userinfo", NULL) == get);
    g_assert_cmpint(get->caller, ==, CALLER_USER_TOKEN);
}

static void another_verb_is_told_which_there_are(void)
{
    g_assert_null(find("GET", "/oauth/token", "POST"));
    g_assert_null(find("DELETE", "/oauth/userinfo", "GET, HEAD, POST"));
    g_assert_null(find("post", "/oauth/token", "POST"));
    g_assert_null(find("POST", "/healthz", "GET, HEAD"));
}

static void another_path_is_none(void)
{
    static const char *const paths[] = {
        "",
        "/oauth",
        "/oauth/",
        "/oauth/token/",
        "/oauth/tokens",
        "//oauth/token",
        "/OAUTH/TOKEN",
        "/oauth/./token",
        "/oauth/%74oken",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_assert_null(find("POST", paths[i], NULL));
    }
}

/* The whole surface: an answer for a signed-in browser is never JSON without its headers, and what
 * changes something has a limit of its body. */
static void every_row_is_complete(void)
{
    for (const Route *const *table = route_tables(); *table; table++) {
        for (const Route *route = *table; route->path; route++) {
            g_assert_cmpint(route->path[0], ==, '/');
            g_assert_nonnull(route->handle);
            g_assert_true(route->verb == VERB_GET || route->verb == VERB_POST);
            g_assert_true(route->verb == VERB_GET || route->body_bytes_max > 0);
            g_assert_true(route->verb == VERB_POST || route->body_bytes_max == 0);
            gboolean cookie =
                route->caller == CALLER_SESSION || route->caller == CALLER_SESSION_MAYBE;
            g_assert_false(cookie && face_is_api(route->face));
            g_assert_false(route->caller == CALLER_BUS || route->caller == CALLER_DAEMON);
        }
    }
}

/* What browsers need, and nothing that a cookie or an app's backend opens. */
static void scripts_of_other_sites_read_these_and_no_other(void)
{
    static const char *const shared[] = {
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth/jwks",
        "/oauth/token",
        "/oauth/userinfo",
        "/oauth/revoke",
        NULL,
    };

    for (const Route *const *table = route_tables(); *table; table++) {
        for (const Route *route = *table; route->path; route++) {
            g_assert_cmpint(route->face == FACE_SHARED, ==, g_strv_contains(shared, route->path));
        }
    }
}

static void each_row_has_a_number_of_its_own(void)
{
    guint number = 0;

    for (const Route *const *table = route_tables(); *table; table++) {
        for (const Route *route = *table; route->path; route++) {
            g_assert_cmpuint(route_number(route), ==, number++);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/routes/" #promise, promise)
    TEST(a_path_is_found_by_its_verb);
    TEST(another_verb_is_told_which_there_are);
    TEST(another_path_is_none);
    TEST(every_row_is_complete);
    TEST(each_row_has_a_number_of_its_own);
    TEST(scripts_of_other_sites_read_these_and_no_other);
    return g_test_run();
}
