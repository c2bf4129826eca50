/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-courier.c - requests to a receiver that lies (tests/receiver.py), and to name servers that
 * do
 */

#include "jobs/courier.h"

#include "receiver.h"

#include <string.h>

#define SHORT_USEC (G_USEC_PER_SEC * 3 / 2)
#define BUSY       (COURIER_AT_ONCE - 1)

/* A receiver, and who asks it. */
typedef struct World {
    Receiver receiver;
    Courier *courier;
    char **addresses; /* what the name server says next */
    gint lookups;
    guint answered;
} World;

/* What became of one request. */
typedef struct Reply {
    World *world;
    gboolean come;
    guint status;
    gboolean cut;
    char *body;
    char *problem;
} Reply;

static char **say(G_GNUC_UNUSED const char *host, gpointer data)
{
    World *world = data;

    g_atomic_int_inc(&world->lookups);
    return g_strdupv(world->addresses);
}

static void answer_with(World *world, const char *addresses)
{
    g_strfreev(world->addresses);
    world->addresses = g_strsplit(addresses, " ", -1);
}

static void new_courier(World *world, const char *ca, gint64 usec)
{
    const CourierOptions options = {
        .test_ca = ca, .usec = usec, .resolve = say, .resolve_data = world};

    courier_free(world->courier);
    world->courier = courier_new(&options);
}

static void set_up(World *world, G_GNUC_UNUSED gconstpointer data)
{
    memset(world, 0, sizeof(*world));
    receiver_start(&world->receiver);
    answer_with(world, "127.0.0.1");
    new_courier(world, world->receiver.ca, 0);
}

static void tear_down(World *world, G_GNUC_UNUSED gconstpointer data)
{
    courier_free(world->courier);
    receiver_stop(&world->receiver);
    g_strfreev(world->addresses);
}

static void come_back(const CourierAnswer *answer, const GError *error, gpointer data)
{
    Reply *reply = data;

    g_assert_true((answer == NULL) == (error != NULL));
    g_assert_false(reply->come);
    reply->come = TRUE;
    reply->world->answered++;
    if (answer) {
        gsize size = 0;
        const char *body = g_bytes_get_data(answer->body, &size);
        reply->status = answer->status;
        reply->cut = answer->cut;
        reply->body = g_strndup(size > 0 ? body : "", size);
    } else {
        g_test_message("%s", error->message);
        reply->problem = g_strdup(error->message);
    }
}

static void reply_clear(Reply *reply)
{
    g_free(reply->body);
    g_free(reply->problem);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reply, reply_clear)

static void send_to(World *world, guint port, const char *path, Reply *reply)
{
    g_autofree char *url = g_strdup_printf("https://rp.test:%u%s", port, path);
    const CourierRequest request = {.url = url};

    reply->world = world;
    courier_send(world->courier, &request, come_back, reply);
}

static void wait_for(const Reply *reply)
{
    while (!reply->come) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static Reply get(World *world, const char *path)
{
    Reply reply = {0};

    send_to(world, world->receiver.port, path, &reply);
    wait_for(&reply);
    return reply;
}

/* The receiver has seen these paths, each with its Cookie or a dash. */
static void was_asked(World *world, const char *lines)
{
    g_auto(Reply) reply = get(world, "/log");

    g_assert_cmpstr(reply.body, ==, lines);
}

static void a_post_comes_whole_and_its_answer_too(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *url = g_strdup_printf("https://RP.test:%u/echo", world->receiver.port);
    g_autoptr(GBytes) body = g_bytes_new_static("a=b&c=d", 7);
    const CourierRequest request = {url, "application/x-www-form-urlencoded", body};
    g_auto(Reply) reply = {.world = world};

    courier_send(world->courier, &request, come_back, &reply);
    g_assert_false(reply.come);
    g_assert_cmpuint(courier_room(world->courier), ==, COURIER_AT_ONCE - 1);
    wait_for(&reply);
    g_assert_cmpuint(courier_room(world->courier), ==, COURIER_AT_ONCE);
    g_assert_cmpuint(reply.status, ==, 200);
    g_assert_cmpstr(reply.body, ==, "POST application/x-www-form-urlencoded a=b&c=d");
    g_assert_false(reply.cut);
}

static void
h1_nothing_is_sent_to_an_address_that_is_not_public(World *world, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const closed[] = {
        "10.0.0.1",          "127.0.0.1",   "::1",     "169.254.169.254",
        "::ffff:127.0.0.1",  "100.64.0.1",  "fd00::1", "64:ff9b::7f00:1",
        "1.1.1.1 127.0.0.1", "::1 1.1.1.1", "0.0.0.0", "fe80::1%lo",
    };

    new_courier(world, NULL, 0); /* as any other build: loopback is closed */
    for (gsize i = 0; i < G_N_ELEMENTS(closed); i++) {
        answer_with(world, closed[i]);
        g_auto(Reply) reply = get(world, "/secret");
        g_assert_nonnull(strstr(reply.problem, "not public"));
    }
    new_courier(
        world, world->receiver.ca, 0); /* and with the switch nothing but loopback is open */
    answer_with(world, "127.0.0.1 10.0.0.1");
    g_auto(Reply) reply = get(world, "/secret");
    g_assert_nonnull(strstr(reply.problem, "not public"));
    answer_with(world, "127.0.0.1");
    was_asked(world, "");
}

static void h1_a_url_that_could_not_be_registered_is_not_followed(
    World *world,
    G_GNUC_UNUSED gconstpointer data)
{
    const char *const bad[] = {
        "https://127.0.0.1:%u/", "https://localhost:%u/", "http://rp.test:%u/",
        "https://a@rp.test:%u/"};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(GStrv) parts = g_strsplit(bad[i], "%u", 2);
        g_autofree char *url = g_strdup_printf("%s%u%s", parts[0], world->receiver.port, parts[1]);
        const CourierRequest request = {.url = url};
        g_auto(Reply) reply = {.world = world};
        courier_send(world->courier, &request, come_back, &reply);
        wait_for(&reply);
        g_assert_true(g_str_has_prefix(reply.problem, "the URL"));
    }
    g_assert_cmpint(world->lookups, ==, 0);
    was_asked(world, "");
}

/* The name is asked for once; were it asked for again at the connection, it would be another. */
static void
h2_it_connects_to_the_address_that_was_looked_at(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(Reply) first = get(world, "/echo");
    g_assert_cmpint(world->lookups, ==, 1);
    g_assert_cmpuint(first.status, ==, 200);

    answer_with(world, "127.0.0.2 127.0.0.1"); /* nobody is at the first: the next is tried */
    g_auto(Reply) second = get(world, "/echo");
    g_assert_cmpint(world->lookups, ==, 2);
    g_assert_cmpuint(second.status, ==, 200);

    answer_with(world, "127.0.0.2"); /* and never one that the system would know */
    g_auto(Reply) third = get(world, "/echo");
    g_assert_nonnull(third.problem);
    g_assert_cmpint(world->lookups, ==, 3);
}

static void h2_the_certificate_is_for_the_name(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *url = g_strdup_printf("https://other.example:%u/secret", world->receiver.port);
    const CourierRequest request = {.url = url};
    g_auto(Reply) reply = {.world = world};

    courier_send(world->courier, &request, come_back, &reply);
    wait_for(&reply);
    g_assert_nonnull(reply.problem);
    was_asked(world, "");
}

static void h3_a_redirect_is_not_followed(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(Reply) reply = get(world, "/redirect");

    g_assert_cmpuint(reply.status, ==, 302);
    was_asked(world, "/redirect -");
}

static void no_cookie_is_kept_and_no_proxy_is_asked(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_nonnull(g_getenv("https_proxy"));
    g_auto(Reply) first = get(world, "/cookie");
    g_auto(Reply) second = get(world, "/echo");
    g_assert_cmpuint(first.status, ==, 200);
    g_assert_cmpuint(second.status, ==, 200);
    was_asked(world, "/cookie -\n/echo -");
}

static void
h4_of_a_long_answer_four_kibibytes_are_read(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(Reply) exact = get(world, "/long?4096");
    g_assert_cmpuint(strlen(exact.body), ==, COURIER_BODY_BYTES_MAX);
    g_assert_false(exact.cut);
    g_auto(Reply) longer = get(world, "/long?4097");
    g_assert_cmpuint(strlen(longer.body), ==, COURIER_BODY_BYTES_MAX);
    g_assert_true(longer.cut);
    g_assert_cmpuint(longer.status, ==, 200);
    g_auto(Reply) endless = get(world, "/endless");
    g_assert_cmpuint(strlen(endless.body), ==, COURIER_BODY_BYTES_MAX);
    g_assert_true(endless.cut);
}

static void h4_a_head_without_end_is_cut(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(Reply) reply = get(world, "/endless-head");

    g_assert_nonnull(strstr(reply.problem, "head"));
}

static void h4_slow_and_silent_receivers_are_cut(World *world, G_GNUC_UNUSED gconstpointer data)
{
    Reply replies[3] = {{0}, {0}, {0}};

    new_courier(world, world->receiver.ca, SHORT_USEC);
    gint64 begun = g_get_monotonic_time();
    send_to(world, world->receiver.port, "/slow", &replies[0]);
    send_to(world, world->receiver.port, "/silent", &replies[1]);
    send_to(world, world->receiver.mute_port, "/", &replies[2]);
    for (gsize i = 0; i < G_N_ELEMENTS(replies); i++) {
        wait_for(&replies[i]);
        g_assert_nonnull(replies[i].problem);
        reply_clear(&replies[i]);
    }
    g_assert_cmpint(g_get_monotonic_time() - begun, >=, SHORT_USEC);
}

static void h4_silent_receivers_delay_nobody_else(World *world, G_GNUC_UNUSED gconstpointer data)
{
    Reply silent[BUSY];

    memset(silent, 0, sizeof(silent));
    new_courier(world, world->receiver.ca, 600 * G_USEC_PER_SEC);
    for (gsize i = 0; i < BUSY; i++) {
        send_to(world, world->receiver.mute_port, "/", &silent[i]);
    }
    g_assert_cmpuint(courier_room(world->courier), ==, 1);
    g_auto(Reply) reply = get(world, "/echo");
    g_assert_cmpuint(reply.status, ==, 200);
    g_assert_cmpuint(world->answered, ==, 1);
    g_clear_pointer(&world->courier, courier_free); /* and ends without waiting for them */
    g_assert_cmpuint(world->answered, ==, 1);
}

int main(int argc, char **argv)
{
    g_setenv("https_proxy", "http://127.0.0.1:1", TRUE);
    g_setenv("ALL_PROXY", "http://127.0.0.1:1", TRUE);
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/jobs/courier/" #promise, World, NULL, set_up, promise, tear_down)
    TEST(a_post_comes_whole_and_its_answer_too);
    TEST(h1_nothing_is_sent_to_an_address_that_is_not_public);
    TEST(h1_a_url_that_could_not_be_registered_is_not_followed);
    TEST(h2_it_connects_to_the_address_that_was_looked_at);
    TEST(h2_the_certificate_is_for_the_name);
    TEST(h3_a_redirect_is_not_followed);
    TEST(no_cookie_is_kept_and_no_proxy_is_asked);
    TEST(h4_of_a_long_answer_four_kibibytes_are_read);
    TEST(h4_a_head_without_end_is_cut);
    TEST(h4_slow_and_silent_receivers_are_cut);
    TEST(h4_silent_receivers_delay_nobody_else);
    return g_test_run();
}
