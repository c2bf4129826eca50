/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/crowd.h"

#define ALL   5U
#define GROUP 3U

typedef struct Hall {
    Bell *bell;
    Crowd *crowd;
    guint rings;
} Hall;

static void rung(gpointer data)
{
    ((Hall *)data)->rings++;
}

static void hall_open(Hall *hall)
{
    hall->bell = bell_new(NULL, rung, hall);
    hall->crowd = crowd_new(ALL, GROUP, hall->bell);
}

static void hall_close(Hall *hall)
{
    crowd_free(hall->crowd);
    bell_mute(hall->bell);
    bell_unref(hall->bell);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hall, hall_close)

static guint rings(Hall *hall)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    return hall->rings;
}

static void each_group_has_so_many_and_gets_them_back(void)
{
    g_auto(Hall) hall = {0};

    hall_open(&hall);
    for (guint i = 0; i < GROUP; i++) {
        g_assert_true(crowd_enter(hall.crowd, "192.0.2.1"));
    }
    g_assert_false(crowd_enter(hall.crowd, "192.0.2.1"));
    g_assert_true(crowd_enter(hall.crowd, "192.0.2.2"));
    crowd_leave(hall.crowd, "192.0.2.1", FALSE);
    g_assert_true(crowd_enter(hall.crowd, "192.0.2.1"));
    g_assert_false(crowd_enter(hall.crowd, "192.0.2.1"));
    g_assert_cmpuint(crowd_count(hall.crowd), ==, GROUP + 1);
}

static void who_is_trusted_may_be_many(void)
{
    g_auto(Hall) hall = {0};

    hall_open(&hall);
    for (guint i = 0; i <= GROUP; i++) {
        g_assert_true(crowd_enter(hall.crowd, NULL));
    }
    crowd_leave(hall.crowd, NULL, FALSE);
    g_assert_cmpuint(crowd_count(hall.crowd), ==, GROUP);
}

static void when_there_is_room_again_the_bell_rings_once(void)
{
    static const char *const groups[ALL] = {"a", "a", "b", "b", "c"};
    g_auto(Hall) hall = {0};

    hall_open(&hall);
    for (guint i = 0; i < ALL; i++) {
        g_assert_false(crowd_is_full(hall.crowd));
        g_assert_true(crowd_enter(hall.crowd, groups[i]));
    }
    g_assert_true(crowd_is_full(hall.crowd));
    g_assert_cmpuint(rings(&hall), ==, 0);
    crowd_leave(hall.crowd, "a", FALSE);
    g_assert_false(crowd_is_full(hall.crowd));
    g_assert_cmpuint(rings(&hall), ==, 1);
    crowd_leave(hall.crowd, "b", FALSE);
    g_assert_cmpuint(rings(&hall), ==, 1);
}

static void before_it_is_full_some_are_sent_away(void)
{
    g_auto(Hall) hall = {0};

    hall_open(&hall);
    for (guint i = 0; i < ALL - 1; i++) {
        g_assert_cmpuint(crowd_excess(hall.crowd), ==, 0);
        g_assert_true(crowd_enter(hall.crowd, NULL));
    }
    g_assert_cmpuint(crowd_excess(hall.crowd), ==, 1);
    g_assert_true(crowd_send_away(hall.crowd));
    g_assert_cmpuint(crowd_excess(hall.crowd), ==, 0); /* it is on its way */
    g_assert_false(crowd_send_away(hall.crowd));
    crowd_leave(hall.crowd, NULL, TRUE);
    g_assert_cmpuint(crowd_excess(hall.crowd), ==, 0);
    g_assert_true(crowd_enter(hall.crowd, NULL));
    g_assert_cmpuint(crowd_excess(hall.crowd), ==, 1);
}

static void of_many_several_go_at_once(void)
{
    g_autoptr(Bell) bell = bell_new(NULL, rung, NULL);
    g_autoptr(Crowd) crowd = crowd_new(1600, 1600, bell);
    guint gone = 0;

    for (guint i = 0; i < 1500; i++) {
        g_assert_true(crowd_enter(crowd, "192.0.2.1"));
    }
    g_assert_cmpuint(crowd_excess(crowd), ==, CROWD_LEAVERS);
    while (crowd_send_away(crowd)) {
        gone++;
    }
    g_assert_cmpuint(gone, ==, CROWD_LEAVERS);
    bell_mute(bell);
}

static void the_networks_of_one_site_are_bounded_together(void)
{
    g_autoptr(Bell) bell = bell_new(NULL, rung, NULL);
    g_autoptr(Crowd) crowd = crowd_new(1000, GROUP, bell);
    guint entered = 0;

    for (guint i = 0; i < 100; i++) {
        g_autofree char *group = g_strdup_printf("2001:0db8:0001:%04x", i);
        entered += crowd_enter(crowd, group) ? 1 : 0;
    }
    g_assert_cmpuint(entered, ==, GROUP * CROWD_SITE_TIMES);
    g_assert_true(crowd_enter(crowd, "2001:0db8:0002:0001"));
    g_assert_true(crowd_enter(crowd, "192.0.2.1"));
    crowd_leave(crowd, "2001:0db8:0001:0000", FALSE);
    g_assert_true(crowd_enter(crowd, "2001:0db8:0001:ffff"));
    g_assert_false(crowd_enter(crowd, "2001:0db8:0001:0000"));
    bell_mute(bell);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/crowd/groups", each_group_has_so_many_and_gets_them_back);
    g_test_add_func("/http/crowd/trusted", who_is_trusted_may_be_many);
    g_test_add_func("/http/crowd/room", when_there_is_room_again_the_bell_rings_once);
    g_test_add_func("/http/crowd/sent-away", before_it_is_full_some_are_sent_away);
    g_test_add_func("/http/crowd/several", of_many_several_go_at_once);
    g_test_add_func("/http/crowd/site", the_networks_of_one_site_are_bounded_together);
    return g_test_run();
}
