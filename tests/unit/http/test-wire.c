/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/wire-inside.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNKED_HEAD "POST / HTTP/1.1\r\nHost: id.example\r\nTransfer-Encoding: chunked\r\n\r\n"

/* One wire, and the client's end of it. */
typedef struct Line {
    GMainContext *context;
    WireLoop *loop;
    Wire *wire;
    int client;
    guint begun;
    guint gone;
} Line;

static void has_begun(G_GNUC_UNUSED Wire *wire, gpointer data)
{
    ((Line *)data)->begun++;
}

static void is_gone(const Arrival *arrival, gpointer data)
{
    g_assert_cmpstr(arrival->group, ==, "192.0.2.1");
    ((Line *)data)->gone++;
}

static void line_open(Line *line)
{
    int ends[2];

    g_assert_cmpint(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
    line->context = g_main_context_new();
    line->loop = wire_loop_new(line->context, has_begun, is_gone, line);
    line->wire = wire_new(line->loop, arrival_new(ends[0], g_strdup("192.0.2.1"), NULL, NULL));
    line->client = ends[1];
}

static void line_close(Line *line)
{
    wire_loop_free(line->loop);
    wire_unref(line->wire);
    (void)close(line->client);
    g_main_context_unref(line->context);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Line, line_close)

static void turn(Line *line)
{
    for (guint i = 0; i < 4; i++) {
        (void)g_main_context_iteration(line->context, FALSE);
    }
}

static void say(Line *line, const char *text)
{
    g_assert_cmpint(send(line->client, text, strlen(text), MSG_NOSIGNAL), ==, strlen(text));
    turn(line);
}

/* As if most of the time were gone; returns the deadline that stands now. */
static gint64 wait_long(Line *line)
{
    line->wire->deadline_usec -= 9 * G_USEC_PER_SEC;
    return line->wire->deadline_usec;
}

static void a_body_has_one_deadline_however_it_is_cut(void)
{
    static const char *const pieces[] = {"1\r\n", "a", "\r\n", "1\r\n", "a", "\r\n1", "\r\na"};
    g_auto(Line) line = {0};

    line_open(&line);
    say(&line, CHUNKED_HEAD);
    gint64 deadline = wait_long(&line);
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        say(&line, pieces[i]);
        g_assert_cmpint(line.wire->deadline_usec, ==, deadline);
    }
}

static void the_next_request_has_a_deadline_of_its_own(void)
{
    g_auto(Line) line = {0};

    line_open(&line);
    say(&line, CHUNKED_HEAD "1\r\n");
    gint64 deadline = wait_long(&line);
    say(&line, "a\r\n0\r\n\r\n" CHUNKED_HEAD "1\r\n");
    g_assert_cmpint(line.wire->gate.state, ==, GATE_CHUNK_DATA);
    g_assert_cmpint(line.wire->deadline_usec, >, deadline);
}

/* Answers until the client's end takes no more. */
static void fill_up(Line *line)
{
    static const char answer[16 * 1024];

    while (line->wire->out->len == 0) {
        wire_write(line->wire, answer, sizeof(answer));
        turn(line);
    }
}

static void a_client_that_reads_nothing_gets_no_more_time_by_asking(void)
{
    g_auto(Line) line = {0};

    line_open(&line);
    fill_up(&line);
    gint64 deadline = wait_long(&line);
    say(&line, "GET / HTTP/1.1\r\nHost: id");
    g_assert_cmpint(line.wire->deadline_usec, ==, deadline);
    say(&line, ".example\r\n\r\n");
    g_assert_cmpint(line.wire->deadline_usec, ==, deadline);
    wire_write(line.wire, "more", 4);
    turn(&line);
    g_assert_cmpint(line.wire->deadline_usec, ==, deadline);
}

static void a_client_that_reads_has_time_again(void)
{
    g_auto(Line) line = {0};
    guint8 taken[16 * 1024];

    line_open(&line);
    fill_up(&line);
    gint64 deadline = wait_long(&line);
    while (line.wire->out->len > 0) {
        g_assert_cmpint(recv(line.client, taken, sizeof(taken), 0), >, 0);
        turn(&line);
    }
    g_assert_cmpint(line.wire->deadline_usec, !=, deadline);
    fill_up(&line);
    g_assert_cmpint(line.wire->deadline_usec, >, deadline);
}

#define SOUND "GET / HTTP/1.1\r\nHost: id.example\r\n\r\n"
#define ODD   "GET / HTTP/1.1\r\nHost : id.example\r\n\r\n"

static char *read_all(Line *line)
{
    char data[4096];
    gsize size = wire_read(line->wire, data, sizeof(data));

    return g_strndup(data, size);
}

/* What is not begun costs nobody else anything: no stream, no connection of libsoup. */
static void a_wire_begins_with_its_first_good_head(void)
{
    g_auto(Line) line = {0};

    line_open(&line);
    say(&line, "GET / HTTP/1.1\r\nHost: id");
    g_assert_cmpuint(line.begun, ==, 0);
    say(&line, ".example\r\n\r\n" SOUND);
    g_assert_cmpuint(line.begun, ==, 1);
}

static void what_never_begins_is_closed_all_the_same(void)
{
    for (guint i = 0; i < 3; i++) {
        g_auto(Line) line = {0};

        line_open(&line);
        say(&line, i == 0 ? ODD : "GET /");
        if (i == 1) {
            g_assert_cmpint(shutdown(line.client, SHUT_WR), ==, 0);
        } else if (i == 2) {
            line.wire->deadline_usec = 0;
            line.loop->sweep_usec = 0;
        }
        turn(&line);
        g_assert_cmpuint(line.begun, ==, 0);
        g_assert_cmpuint(line.gone, ==, 1);
    }
}

/* Else a client would take the refusal for the answer to what it asked before. */
static void a_refusal_waits_for_the_answers_before_it(void)
{
    g_auto(Line) line = {0};
    char taken[4096] = "";

    line_open(&line);
    wire_wait(line.wire);
    say(&line, SOUND ODD SOUND);
    g_autofree char *first = read_all(&line);
    g_assert_cmpstr(first, ==, SOUND);
    turn(&line);
    g_assert_cmpint(recv(line.client, taken, sizeof(taken) - 1, 0), ==, -1);
    wire_write(line.wire, "answer ", 7);
    g_autofree char *last = read_all(&line);
    g_assert_cmpstr(last, ==, WIRE_LAST_REQUEST);
    turn(&line);
    g_assert_cmpint(recv(line.client, taken, sizeof(taken) - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(taken, "answer HTTP/1.1 400 "));
}

static void a_refusal_is_told_at_once_to_who_waits_for_no_answer(void)
{
    g_auto(Line) line = {0};
    char taken[4096] = "";

    line_open(&line);
    wire_wait(line.wire);
    say(&line, ODD);
    g_assert_cmpint(recv(line.client, taken, sizeof(taken) - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(taken, "HTTP/1.1 400 "));
}

/* A last request would be read as a part of the body. */
static void a_refusal_within_a_body_is_its_end(void)
{
    g_auto(Line) line = {0};

    line_open(&line);
    wire_wait(line.wire);
    say(&line, CHUNKED_HEAD "x\r\n");
    g_autofree char *head = read_all(&line);
    g_assert_cmpstr(head, ==, CHUNKED_HEAD);
    g_autofree char *rest = read_all(&line);
    g_assert_cmpstr(rest, ==, "");
}

static gboolean may_go(gpointer data)
{
    return GPOINTER_TO_INT(data);
}

/* It was answered long ago, and waits for the next request. */
static void be_idle(Line *line)
{
    line_open(line);
    say(line, SOUND);
    g_autofree char *request = read_all(line);
    g_assert_cmpstr(request, ==, SOUND);
    wire_write(line->wire, "answer", 6);
    wire_wait(line->wire);
    turn(line);
    (void)wait_long(line);
}

static void make_room(Line *line)
{
    wire_loop_make_room(line->loop, 1, may_go, GINT_TO_POINTER(TRUE));
    turn(line);
}

static void who_is_idle_goes_to_make_room(void)
{
    g_auto(Line) line = {0};

    be_idle(&line);
    wire_loop_make_room(line.loop, 1, may_go, GINT_TO_POINTER(FALSE));
    g_assert_false(line.wire->ended);
    make_room(&line);
    g_assert_true(wire_arrival(line.wire)->sent_away);
    g_autofree char *last = read_all(&line);
    g_assert_cmpstr(last, ==, WIRE_LAST_REQUEST);
    turn(&line);
    g_assert_cmpuint(line.gone, ==, 1);
}

static void whose_request_has_just_come_stays(void)
{
    g_auto(Line) line = {0};

    be_idle(&line);
    g_assert_cmpint(send(line.client, SOUND, strlen(SOUND), MSG_NOSIGNAL), ==, strlen(SOUND));
    make_room(&line);
    g_assert_false(wire_arrival(line.wire)->sent_away);
    g_autofree char *request = read_all(&line);
    g_assert_cmpstr(request, ==, SOUND);

    make_room(&line); /* and while it is not answered, however long that takes */
    (void)wait_long(&line);
    make_room(&line);
    g_assert_false(line.wire->ended);
}

static void who_was_just_answered_stays(void)
{
    g_auto(Line) line = {0};

    be_idle(&line);
    wire_set_deadline(line.wire, WIRE_IDLE_USEC);
    make_room(&line);
    g_assert_false(line.wire->ended);
}

static void who_sends_nothing_goes_after_a_second(void)
{
    g_auto(Line) line = {0};

    line_open(&line);
    make_room(&line);
    g_assert_cmpuint(line.gone, ==, 0);
    (void)wait_long(&line);
    make_room(&line);
    g_assert_cmpuint(line.gone, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/wire/body-deadline", a_body_has_one_deadline_however_it_is_cut);
    g_test_add_func("/http/wire/next-request", the_next_request_has_a_deadline_of_its_own);
    g_test_add_func(
        "/http/wire/write-deadline", a_client_that_reads_nothing_gets_no_more_time_by_asking);
    g_test_add_func("/http/wire/reads-again", a_client_that_reads_has_time_again);
    g_test_add_func("/http/wire/begins", a_wire_begins_with_its_first_good_head);
    g_test_add_func("/http/wire/never-begins", what_never_begins_is_closed_all_the_same);
    g_test_add_func("/http/wire/refusal-waits", a_refusal_waits_for_the_answers_before_it);
    g_test_add_func(
        "/http/wire/refusal-at-once", a_refusal_is_told_at_once_to_who_waits_for_no_answer);
    g_test_add_func("/http/wire/refusal-in-body", a_refusal_within_a_body_is_its_end);
    g_test_add_func("/http/wire/room", who_is_idle_goes_to_make_room);
    g_test_add_func("/http/wire/room-request", whose_request_has_just_come_stays);
    g_test_add_func("/http/wire/room-answered", who_was_just_answered_stays);
    g_test_add_func("/http/wire/room-nothing", who_sends_nothing_goes_after_a_second);
    return g_test_run();
}
