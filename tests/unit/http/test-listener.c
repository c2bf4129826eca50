/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_USEC  (10 * G_USEC_PER_SEC)
#define LOOK_USEC  (350 * 1000)
#define TURNS_MAX  20U /* in that time; who spins has thousands */
#define CLIENTS    8U
#define NUMBER_MAX 64

/* A listener on a port of its own, and its clients. */
typedef struct Door {
    Listener *listener;
    struct sockaddr_in address;
    int fd; /* of the listener */
    int clients[CLIENTS];
    guint n_clients;
    guint taken;
    guint taken_max; /* then it is closed */
    struct rlimit limit;
} Door;

static gboolean take(
    int fd,
    G_GNUC_UNUSED GSocketAddress *local,
    G_GNUC_UNUSED GSocketAddress *remote,
    gpointer data)
{
    Door *door = data;

    (void)close(fd);
    if (++door->taken == door->taken_max) {
        listener_set_open(door->listener, FALSE);
    }
    return TRUE;
}

static void door_bind(Door *door)
{
    socklen_t size = sizeof(door->address);

    *door = (Door){.address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &door->limit), ==, 0);
    door->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(door->fd, (struct sockaddr *)&door->address, size), ==, 0);
    g_assert_cmpint(listen(door->fd, CLIENTS), ==, 0);
    g_assert_cmpint(getsockname(door->fd, (struct sockaddr *)&door->address, &size), ==, 0);
}

static void door_close(Door *door)
{
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &door->limit), ==, 0);
    g_clear_pointer(&door->listener, listener_free);
    for (guint i = 0; i < door->n_clients; i++) {
        (void)close(door->clients[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Door, door_close)

static int come(Door *door)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(connect(fd, (struct sockaddr *)&door->address, sizeof(door->address)), ==, 0);
    door->clients[door->n_clients++] = fd;
    return fd;
}

/* No number is free any more. */
static void take_all_descriptors(const Door *door)
{
    int lowest = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

    g_assert_cmpint(lowest, >=, 0);
    (void)close(lowest);
    const struct rlimit none = {(rlim_t)lowest, door->limit.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
}

static gboolean time_is_over(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

/* How often its context wakes in a while. */
static guint turns(void)
{
    gboolean over = FALSE;
    guint count = 0;

    (void)g_timeout_add(LOOK_USEC / 1000, time_is_over, &over);
    for (; !over; count++) {
        (void)g_main_context_iteration(NULL, TRUE);
    }
    return count;
}

static void wait_until_taken(const Door *door, guint count)
{
    for (gint64 end = g_get_monotonic_time() + WAIT_USEC; door->taken < count;) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        (void)g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(door->taken, ==, count);
}

static void without_any_descriptor_it_rests_and_has_a_spare_one_again(void)
{
    g_auto(Door) door = {0};
    char byte = 0;

    door_bind(&door);
    (void)come(&door);
    (void)g_main_context_iteration(NULL, FALSE); /* it has what it needs */
    take_all_descriptors(&door);                 /* so it begins without a spare one */
    door.listener = listener_new_from_fd(door.fd, take, &door);
    g_assert_cmpuint(turns(), <, TURNS_MAX);
    g_assert_cmpuint(door.taken, ==, 0);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &door.limit), ==, 0);
    wait_until_taken(&door, 1);

    /* The next ones that find none left are turned away. */
    int late = come(&door);
    take_all_descriptors(&door);
    g_assert_cmpuint(turns(), <, TURNS_MAX);
    g_assert_cmpuint(door.taken, ==, 1);
    g_assert_cmpint(recv(late, &byte, 1, MSG_DONTWAIT), ==, 0);
}

static void who_closes_it_in_the_middle_of_a_burst_gets_no_more(void)
{
    g_auto(Door) door = {0};

    door_bind(&door);
    for (guint i = 0; i < CLIENTS; i++) {
        (void)come(&door);
    }
    door.listener = listener_new_from_fd(door.fd, take, &door);
    door.taken_max = 3;
    (void)turns();
    g_assert_cmpuint(door.taken, ==, 3);
    listener_set_open(door.listener, TRUE);
    wait_until_taken(&door, CLIENTS);
}

static void a_dead_one_of_systemd_is_left_alone(void)
{
    g_auto(Door) door = {0};

    door_bind(&door);
    door.listener = listener_new_from_fd(door.fd, take, &door);
    g_assert_cmpint(shutdown(door.fd, SHUT_RDWR), ==, 0);
    g_assert_cmpuint(turns(), <, TURNS_MAX);
    listener_set_open(door.listener, FALSE);
    listener_set_open(door.listener, TRUE);
    g_assert_cmpuint(turns(), <, TURNS_MAX);
}

/* -1: none listens there now. */
static int find_listening(const Door *door)
{
    for (int fd = 3; fd < NUMBER_MAX; fd++) {
        struct sockaddr_in name = {0};
        socklen_t size = sizeof(name);
        int listening = 0;
        socklen_t listening_size = sizeof(listening);

        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_size) == 0 &&
            listening && getsockname(fd, (struct sockaddr *)&name, &size) == 0 &&
            name.sin_port == door->address.sin_port) {
            return fd;
        }
    }
    return -1;
}

static void one_that_is_opened_anew_stays_closed_if_it_was_closed(void)
{
    g_autoptr(GPtrArray) listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
    g_auto(Door) door = {0};

    door_bind(&door);
    (void)close(door.fd);
    g_autofree char *address = g_strdup_printf("127.0.0.1:%u", ntohs(door.address.sin_port));
    g_assert_true(listener_open(address, take, &door, listeners, NULL));
    g_assert_cmpint(shutdown(find_listening(&door), SHUT_RDWR), ==, 0);
    g_assert_cmpuint(turns(), <, TURNS_MAX); /* it has seen that */
    listener_set_open(listeners->pdata[0], FALSE);
    for (gint64 end = g_get_monotonic_time() + WAIT_USEC; find_listening(&door) < 0;) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        (void)g_main_context_iteration(NULL, FALSE);
    }
    (void)come(&door);
    (void)turns();
    g_assert_cmpuint(door.taken, ==, 0);
    listener_set_open(listeners->pdata[0], TRUE);
    wait_until_taken(&door, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/http/listener/no-descriptor", without_any_descriptor_it_rests_and_has_a_spare_one_again);
    g_test_add_func(
        "/http/listener/closed-within", who_closes_it_in_the_middle_of_a_burst_gets_no_more);
    g_test_add_func("/http/listener/dead", a_dead_one_of_systemd_is_left_alone);
    g_test_add_func(
        "/http/listener/stays-closed", one_that_is_opened_anew_stays_closed_if_it_was_closed);
    return g_test_run();
}
