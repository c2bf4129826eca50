/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/listener.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG     SOMAXCONN
#define ACCEPTS_MAX 64 /* in one turn, so that clients that are served have theirs */
#define REOPEN_MSEC 1000
#define REST_MSEC   100 /* without a descriptor */

struct Listener {
    int fd;
    int spare_fd;    /* given up when there is no other descriptor */
    gboolean open;   /* as it was told */
    gboolean dead;   /* for good */
    GSource *source; /* NULL: nobody is accepted now */
    GSource *rest;   /* until then, when it is not closed */
    GSocketAddress *address;
    GSocketAddress *local; /* as handed to takers */
    ListenerTake take;
    gpointer data;
};

static gboolean failed(GError **error, GSocketAddress *address, const char *what)
{
    int number = errno;
    g_autofree char *name = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));

    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "[http] listen %s: %s: %s", name, what,
        number == EADDRINUSE ? "the port is taken by another program" : g_strerror(number));
    return FALSE;
}

static gboolean socket_prepare(int fd, GSocketAddress *address, GError **error)
{
    const int on = 1;
    struct sockaddr_storage native;
    gssize size = g_socket_address_get_native_size(address);

    if (!g_socket_address_to_native(address, &native, sizeof(native), error)) {
        return FALSE;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (native.ss_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    if (bind(fd, (struct sockaddr *)&native, (socklen_t)size) < 0) {
        return failed(error, address, "can't be had");
    }
    return listen(fd, BACKLOG) == 0 || failed(error, address, "can't be listened on");
}

static int socket_open(GSocketAddress *address, GError **error)
{
    int family = g_socket_address_get_family(address) == G_SOCKET_FAMILY_IPV6 ? AF_INET6 : AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        (void)failed(error, address, "no socket");
        return -1;
    }
    if (!socket_prepare(fd, address, error)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static int spare_open(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void watch(Listener *listener);

static void unwatch(Listener *listener)
{
    if (listener->source) {
        g_source_destroy(listener->source);
        g_clear_pointer(&listener->source, g_source_unref);
    }
}

/* Nobody is accepted until @over has been called. */
static void rest(Listener *listener, guint msec, GSourceFunc over)
{
    g_assert(!listener->rest);
    unwatch(listener);
    listener->rest = g_timeout_source_new(msec);
    g_source_set_callback(listener->rest, over, listener, NULL);
    g_source_attach(listener->rest, NULL);
}

static void rest_ends(Listener *listener)
{
    g_clear_pointer(&listener->rest, g_source_unref);
    watch(listener);
}

static gboolean descriptors_may_be_there(gpointer data)
{
    Listener *listener = data;

    listener->spare_fd = listener->spare_fd < 0 ? spare_open() : listener->spare_fd;
    rest_ends(listener);
    return G_SOURCE_REMOVE;
}

/* Out of descriptors: one client is turned away, so that the queue moves on. When that fails too,
 * as other threads may have taken the spare one, the socket would wake us on and on: it rests. */
static void turn_away(Listener *listener)
{
    gboolean moves = listener->spare_fd >= 0;

    if (moves) {
        (void)close(listener->spare_fd);
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        moves = fd >= 0 || errno == EAGAIN;
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    listener->spare_fd = spare_open();
    if (!moves) {
        rest(listener, REST_MSEC, descriptors_may_be_there);
    }
}

static void hand_over(Listener *listener, int fd, struct sockaddr_storage *peer, socklen_t size)
{
    const int on = 1;
    g_autoptr(GSocketAddress) remote = g_socket_address_new_from_native(peer, size);

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (!remote || !listener->take(fd, listener->local, remote, listener->data)) {
        (void)close(fd);
    }
}

/* FALSE: nothing more waits now. */
static gboolean accept_one(Listener *listener)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    int fd = accept4(listener->fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0) {
        hand_over(listener, fd, &peer, size);
        return TRUE;
    }
    switch (errno) {
    case EAGAIN:
        return FALSE;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        turn_away(listener);
        return FALSE;
    default: /* the client's own failure (accept(2)), EINTR */
        return errno != EBADF && errno != EINVAL && errno != ENOTSOCK;
    }
}

static gboolean reopen(gpointer data)
{
    Listener *listener = data;
    g_autoptr(GError) error = NULL;

    int fd = socket_open(listener->address, &error);
    if (fd < 0) {
        log_event(
            LOG_LEVEL_ERR, LOG_EVENT_HTTP_ACCEPT, NULL, "A dead listener can't be opened anew: %s",
            error->message);
        return G_SOURCE_CONTINUE;
    }
    (void)close(listener->fd);
    listener->fd = fd;
    rest_ends(listener);
    return G_SOURCE_REMOVE;
}

static void bury(Listener *listener)
{
    if (listener->address) {
        log_event(
            LOG_LEVEL_ERR, LOG_EVENT_HTTP_ACCEPT, NULL, "A listener has died: it is opened anew");
        rest(listener, REOPEN_MSEC, reopen);
        return;
    }
    log_event(
        LOG_LEVEL_ERR, LOG_EVENT_HTTP_ACCEPT, NULL,
        "A socket that systemd passed has died: restart its socket unit and antarad");
    listener->dead = TRUE;
    unwatch(listener);
}

static gboolean on_ready(G_GNUC_UNUSED int fd, GIOCondition condition, gpointer data)
{
    Listener *listener = data;

    if (condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) {
        bury(listener);
        return G_SOURCE_REMOVE;
    }
    /* Whoever takes them may close the listener meanwhile. */
    for (guint i = 0; i < ACCEPTS_MAX && listener->source && accept_one(listener); i++) {
    }
    return G_SOURCE_CONTINUE;
}

static void watch(Listener *listener)
{
    if (!listener->open || listener->dead || listener->source || listener->rest) {
        return;
    }
    listener->source = g_unix_fd_source_new(listener->fd, G_IO_IN | G_IO_ERR | G_IO_HUP);
    g_source_set_callback(listener->source, (GSourceFunc)(void (*)(void))on_ready, listener, NULL);
    g_source_attach(listener->source, NULL);
}

Listener *listener_new_from_fd(int fd, ListenerTake take, gpointer data)
{
    Listener *listener = g_new0(Listener, 1);
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);

    *listener =
        (Listener){.fd = fd, .spare_fd = spare_open(), .open = TRUE, .take = take, .data = data};
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (getsockname(fd, (struct sockaddr *)&name, &size) == 0) {
        listener->local = g_socket_address_new_from_native(&name, size);
    }
    watch(listener);
    return listener;
}

static gboolean
add(GSocketAddress *address, ListenerTake take, gpointer data, GPtrArray *listeners, GError **error)
{
    int fd = socket_open(address, error);

    if (fd < 0) {
        return FALSE;
    }
    Listener *listener = listener_new_from_fd(fd, take, data);
    listener->address = g_object_ref(address);
    g_ptr_array_add(listeners, listener);
    return TRUE;
}

static gboolean refuse(const char *address, GError **error)
{
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
        "[http] listen %s: expected ADDRESS:PORT, [ADDRESS]:PORT or localhost:PORT", address);
    return FALSE;
}

gboolean listener_open(
    const char *address,
    ListenerTake take,
    gpointer data,
    GPtrArray *ret_listeners,
    GError **error)
{
    const char *colon = strrchr(address, ':');
    guint64 port = 0;

    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL)) {
        return refuse(address, error);
    }
    g_autofree char *host = g_strndup(address, (gsize)(colon - address));
    gboolean localhost = g_str_equal(host, "localhost");
    gsize chars = strlen(host);
    gboolean bracketed = chars > 2 && host[0] == '[' && host[chars - 1] == ']';
    g_autofree char *name =
        bracketed ? g_strndup(host + 1, chars - 2) : g_strdup(localhost ? "127.0.0.1" : host);
    g_autoptr(GSocketAddress) first = g_inet_socket_address_new_from_string(name, (guint)port);
    if (!first) {
        return refuse(address, error);
    }
    if (!add(first, take, data, ret_listeners, error)) {
        return FALSE;
    }
    /* A machine may have no IPv6 at all; then 127.0.0.1 is all of localhost. */
    g_autoptr(GSocketAddress) second =
        localhost ? g_inet_socket_address_new_from_string("::1", (guint)port) : NULL;
    g_autoptr(GError) problem = NULL;
    if (second && !add(second, take, data, ret_listeners, &problem)) {
        log_event(LOG_LEVEL_NOTICE, LOG_EVENT_HTTP_LISTENING, NULL, "%s", problem->message);
    }
    return TRUE;
}

void listener_set_open(Listener *listener, gboolean open)
{
    listener->open = open;
    if (open) {
        watch(listener);
    } else {
        unwatch(listener);
    }
}

void listener_free(Listener *listener)
{
    unwatch(listener);
    if (listener->rest) {
        g_source_destroy(listener->rest);
        g_source_unref(listener->rest);
    }
    (void)close(listener->fd);
    if (listener->spare_fd >= 0) {
        (void)close(listener->spare_fd);
    }
    g_clear_object(&listener->address);
    g_clear_object(&listener->local);
    g_free(listener);
}
