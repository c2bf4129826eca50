/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-backchannel.c - apps are told by a receiver that is good, or silent (tests/receiver.py) */

#include "jobs/backchannel.h"

#include "core/outbox.h"

#include "../core/house.h"
#include "receiver.h"

#include <string.h>

#define MANY 12U /* more than may be on their way */

typedef struct World {
    House *house;
    Receiver receiver;
    Courier *courier;
    Backchannel *backchannel;
    CourierAnswer seen; /* what the receiver's log says */
    char *log;
    gboolean answered;
} World;

static char **say(G_GNUC_UNUSED const char *host, G_GNUC_UNUSED gpointer data)
{
    return g_strdupv((char **)(const char *const[]){"127.0.0.1", NULL});
}

static void set_up(World *world, G_GNUC_UNUSED gconstpointer data)
{
    memset(world, 0, sizeof(*world));
    receiver_start(&world->receiver);
    const CourierOptions options = {.test_ca = world->receiver.ca, .resolve = say};
    world->courier = courier_new(&options);
    world->house = house_new();
}

/* The house's clock is that of the wall, or behind it. */
static void set_clock(World *world, gint64 behind_usec)
{
    house_advance(world->house, g_get_real_time() - behind_usec - world->house->now_usec);
}

static void tear_down(World *world, G_GNUC_UNUSED gconstpointer data)
{
    courier_free(world->courier);
    backchannel_free(world->backchannel);
    house_free(world->house);
    receiver_stop(&world->receiver);
    g_free(world->log);
}

static void add(World *world, const char *client_id, const char *path, guint tries)
{
    g_autofree char *url = g_strdup_printf("https://rp.test:%u%s", world->receiver.port, path);
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    OutboxEntry entry = {
        .kind = OUTBOX_LOGOUT,
        .to = url,
        .client_id = (char *)client_id,
        .subject = (char *)"slug",
        .sid = (char *)"sid",
        .alg = JWS_EDDSA,
        .tries = tries,
        .expires_usec = txn_now(txn) + USEC_PER_HOUR,
    };

    g_assert_true(outbox_add(txn, &entry, NULL));
    house_commit(txn);
}

static void keep_log(const CourierAnswer *answer, const GError *error, gpointer data)
{
    World *world = data;
    gsize size = 0;

    g_assert_no_error(error);
    const char *body = g_bytes_get_data(answer->body, &size);
    g_free(world->log);
    world->log = g_strndup(size > 0 ? body : "", size);
    world->answered = TRUE;
}

/* How often the receiver was asked for @path. */
static guint asked_for(World *world, const char *path)
{
    g_autofree char *url = g_strdup_printf("https://rp.test:%u/log", world->receiver.port);
    const CourierRequest request = {.url = url};
    guint times = 0;

    world->answered = FALSE;
    courier_send(world->courier, &request, keep_log, world);
    while (!world->answered) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_auto(GStrv) lines = g_strsplit(world->log, "\n", -1);
    for (char **line = lines; *line; line++) {
        times += g_str_has_prefix(*line, path) ? 1 : 0;
    }
    return times;
}

static guint waiting(World *world)
{
    const Caller caller = house_caller(world->house, CALLER_DAEMON);
    const OutboxAsked asked = {.caller = &caller, .lane = OUTBOX_LANE_LOGOUT};
    OutboxAnswer answer;

    (void)house_run(world->house, &outbox_look_act, &asked, &answer);
    guint entries = answer.waiting;
    house_clear(&outbox_look_act, &answer);
    return entries;
}

static void start(World *world)
{
    world->backchannel = backchannel_new(world->courier, world->house->store, world->house->config);
}

static void wait_for(World *world, const char *path, guint times)
{
    while (asked_for(world, path) < times) {
        g_main_context_iteration(NULL, FALSE);
    }
}

/* Entries are handed out in their order: when the last has come, all before it are on their way or
 * put off. */
static void
H4_a_silent_app_takes_eight_places_and_no_more(World *world, G_GNUC_UNUSED gconstpointer data)
{
    set_clock(world, 0);
    for (guint i = 0; i < MANY; i++) {
        add(world, "silent", "/silent", 0);
    }
    add(world, "good", "/good", 0);
    start(world);
    wait_for(world, "/good", 1);
    wait_for(world, "/silent", BACKCHANNEL_OF_APP_MAX);
    g_assert_cmpuint(asked_for(world, "/silent"), ==, BACKCHANNEL_OF_APP_MAX);
}

static void
H4_apps_that_failed_before_share_eight_places(World *world, G_GNUC_UNUSED gconstpointer data)
{
    set_clock(world, 0);
    for (guint i = 0; i < MANY; i++) {
        g_autofree char *client_id = g_strdup_printf("silent-%u", i);
        add(world, client_id, "/silent", 1);
    }
    add(world, "good", "/good", 0);
    start(world);
    wait_for(world, "/good", 1);
    wait_for(world, "/silent", BACKCHANNEL_RETRIES_MAX);
    g_assert_cmpuint(asked_for(world, "/silent"), ==, BACKCHANNEL_RETRIES_MAX);
}

static void what_was_told_is_gone(World *world, G_GNUC_UNUSED gconstpointer data)
{
    set_clock(world, 0);
    for (guint i = 0; i < MANY; i++) {
        g_autofree char *client_id = g_strdup_printf("good-%u", i);
        add(world, client_id, "/good", 0);
    }
    g_assert_cmpuint(waiting(world), ==, MANY);
    start(world);
    while (waiting(world) > 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(asked_for(world, "/good"), ==, MANY);
}

/* Those that come in its first second are one in thirty. */
static void O15_what_is_overdue_waits_at_random(World *world, G_GNUC_UNUSED gconstpointer data)
{
    set_clock(world, 10 * USEC_PER_SEC);
    for (guint i = 0; i < MANY; i++) {
        g_autofree char *client_id = g_strdup_printf("late-%u", i);
        add(world, client_id, "/late", 0);
    }
    start(world);
    gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC;
    while (g_get_monotonic_time() < end) {
        (void)asked_for(world, "/late");
    }
    g_assert_cmpuint(asked_for(world, "/late"), <, MANY / 2);
    wait_for(world, "/late", 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add("/jobs/backchannel/" #name, World, NULL, set_up, name, tear_down)
    TEST(H4_a_silent_app_takes_eight_places_and_no_more);
    TEST(H4_apps_that_failed_before_share_eight_places);
    TEST(what_was_told_is_gone);
    TEST(O15_what_is_overdue_waits_at_random);
    return g_test_run();
}
