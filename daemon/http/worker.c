/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/worker.h"

#include "http/exchange-inside.h"
#include "http/metrics.h"
#include "http/peer.h"
#include "http/stream.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LEAVERS_MAX     64U /* in one look */
#define LOOK_AGAIN_MSEC 100
#define DRAIN_MSEC      2000 /* for clients that take their last answers slowly */

struct HttpWorker {
    pthread_t thread;
    int stopping; /* atomic */
    int load;     /* atomic */
    int asked;    /* atomic: whether it turns, and hasn't answered */
    GMainContext *context;
    Bell *bell;          /* rung for arrivals, to make room, to be asked, and to stop */
    GSource *look_again; /* there were not enough who can go */
    Arrivals *arrivals;
    Crowd *crowd;
    const HttpConfig *config;
    Runner *runner;
    WireLoop *wires;
    SoupServer *soup;
};

static void on_request(
    G_GNUC_UNUSED SoupServer *soup,
    SoupServerMessage *message,
    G_GNUC_UNUSED const char *path,
    G_GNUC_UNUSED GHashTable *query,
    gpointer data)
{
    const HttpWorker *worker = data;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    const char *peer = peer_address(soup_server_message_get_remote_address(message));

    if (g_str_equal(soup_server_message_get_method(message), WIRE_LAST_METHOD)) {
        soup_server_message_set_status(message, SOUP_STATUS_OK, NULL); /* nobody reads it */
        return;
    }
    g_autofree char *address = proxies_client(
        &worker->config->trusted_proxies, peer,
        soup_message_headers_get_list(headers, PROXIES_HEADER));
    exchange_begin(message, worker->runner, worker->config->soft_limit, address);
}

static void on_begun(Wire *wire, gpointer data)
{
    const HttpWorker *worker = data;

    http_stream_serve(wire, worker->soup);
}

static gboolean is_stopping(const HttpWorker *worker)
{
    return __atomic_load_n(&worker->stopping, __ATOMIC_ACQUIRE);
}

/* A stop waits for the last of them, which may go while the context is about to sleep. */
static void on_gone(const Arrival *arrival, gpointer data)
{
    HttpWorker *worker = data;

    metrics_count(METRICS_CLOSED);
    (void)__atomic_sub_fetch(&worker->load, 1, __ATOMIC_RELAXED);
    crowd_leave(worker->crowd, arrival->group, arrival->sent_away);
    if (is_stopping(worker)) {
        g_main_context_wakeup(worker->context);
    }
}

/* Other workers look at the same time. */
static gboolean may_go(gpointer data)
{
    return crowd_send_away(((const HttpWorker *)data)->crowd);
}

static gboolean look_again(gpointer data);

static void make_room(HttpWorker *worker)
{
    guint excess = worker->look_again ? 0 : crowd_excess(worker->crowd);

    if (excess == 0) {
        return;
    }
    wire_loop_make_room(worker->wires, MIN(excess, LEAVERS_MAX), may_go, worker);
    if (crowd_excess(worker->crowd) > 0) {
        worker->look_again = g_timeout_source_new(LOOK_AGAIN_MSEC);
        g_source_set_callback(worker->look_again, look_again, worker, NULL);
        g_source_attach(worker->look_again, worker->context);
    }
}

static gboolean look_again(gpointer data)
{
    HttpWorker *worker = data;

    g_clear_pointer(&worker->look_again, g_source_unref);
    make_room(worker);
    return G_SOURCE_REMOVE;
}

static void take_arrivals(const HttpWorker *worker)
{
    for (Arrival *arrival; (arrival = arrivals_pop(worker->arrivals));) {
        g_autoptr(Wire) wire = wire_new(worker->wires, arrival);
        if (worker->config->tls) {
            wire_start_tls(wire, worker->config->tls);
        }
    }
}

static void on_bell(gpointer data)
{
    HttpWorker *worker = data;

    __atomic_store_n(&worker->asked, 0, __ATOMIC_RELEASE);
    take_arrivals(worker);
    make_room(worker);
}

/*
 * libsoup drops kept-alive connections of a server that has no listener of its own: it gets one
 * that nobody knows and nobody can reach, on an address of the abstract namespace that the kernel
 * chooses.
 */
static gboolean give_own_listener(SoupServer *soup, GError **error)
{
    g_autoptr(GSocket) socket = g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);
    const struct sockaddr_un {
        sa_family_t family;
    } autobind = {AF_UNIX};

    return socket &&
           (bind(g_socket_get_fd(socket), (const struct sockaddr *)&autobind, sizeof(autobind)) ==
            0) &&
           g_socket_listen(socket, error) && soup_server_listen_socket(soup, socket, 0, error);
}

static gboolean is_late(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

/* What was done is answered before all is closed: else a refresh token or a code would be spent,
 * and nobody have what it gave. Whoever was accepted is served: the next daemon won't see him. */
static void drain(const HttpWorker *worker)
{
    g_autoptr(GSource) timeout = g_timeout_source_new(DRAIN_MSEC);
    gboolean late = FALSE;

    g_source_set_callback(timeout, is_late, &late, NULL);
    g_source_attach(timeout, worker->context);
    take_arrivals(worker);
    wire_loop_end(worker->wires);
    while (wire_loop_count(worker->wires) > 0 && !late) {
        (void)g_main_context_iteration(worker->context, TRUE);
    }
    g_source_destroy(timeout);
}

/* The thread's whole life. Streams and messages end here, where they lived. */
static void *work(void *data)
{
    HttpWorker *worker = data;

    g_main_context_push_thread_default(worker->context);
    while (!is_stopping(worker)) {
        (void)g_main_context_iteration(worker->context, TRUE);
    }
    drain(worker);
    soup_server_disconnect(worker->soup);
    g_clear_pointer(&worker->wires, wire_loop_free);
    g_clear_object(&worker->soup);
    g_clear_pointer(&worker->runner, runner_free);
    bell_mute(worker->bell);
    if (worker->look_again) {
        g_source_destroy(worker->look_again);
        g_source_unref(worker->look_again);
    }
    g_main_context_pop_thread_default(worker->context);
    return NULL;
}

/* With the worker's context as this thread's own: libsoup takes what it finds. */
static gboolean furnish(HttpWorker *worker, const Runner *beside, GError **error)
{
    worker->bell = bell_new(worker->context, on_bell, worker);
    worker->arrivals = arrivals_new(worker->bell);
    worker->runner =
        runner_new(runner_store(beside), runner_config(beside), worker->context, NULL, NULL);
    worker->wires = wire_loop_new(worker->context, on_begun, on_gone, worker);
    wire_loop_set_hsts(worker->wires, core_config_is_https(runner_config(beside)));
    worker->soup = soup_server_new("server-header", NULL, "raw-paths", TRUE, NULL);
    soup_server_add_handler(worker->soup, NULL, on_request, worker, NULL);
    return give_own_listener(worker->soup, error);
}

HttpWorker *
http_worker_new(const HttpConfig *config, const Runner *beside, Crowd *crowd, GError **error)
{
    g_autoptr(HttpWorker) worker = g_new0(HttpWorker, 1);

    worker->context = g_main_context_new();
    worker->config = config;
    worker->crowd = crowd;
    g_main_context_push_thread_default(worker->context);
    gboolean good = furnish(worker, beside, error);
    g_main_context_pop_thread_default(worker->context);
    worker->stopping = !good;
    g_assert(pthread_create(&worker->thread, NULL, work, worker) == 0);
    (void)pthread_setname_np(worker->thread, "http-worker");
    return good ? g_steal_pointer(&worker) : NULL;
}

void http_worker_take(HttpWorker *worker, Arrival *arrival)
{
    (void)__atomic_add_fetch(&worker->load, 1, __ATOMIC_RELAXED);
    arrivals_push(worker->arrivals, arrival);
}

guint http_worker_load(const HttpWorker *worker)
{
    return (guint)__atomic_load_n(&worker->load, __ATOMIC_RELAXED);
}

gboolean http_worker_is_turning(HttpWorker *worker)
{
    gboolean answered = !__atomic_exchange_n(&worker->asked, 1, __ATOMIC_ACQ_REL);

    bell_ring(worker->bell);
    return answered;
}

void http_worker_make_room(HttpWorker *worker)
{
    bell_ring(worker->bell);
}

void http_worker_stop(HttpWorker *worker)
{
    __atomic_store_n(&worker->stopping, 1, __ATOMIC_RELEASE);
    bell_ring(worker->bell);
}

void http_worker_free(HttpWorker *worker)
{
    if (!worker) {
        return;
    }
    http_worker_stop(worker);
    g_assert(pthread_join(worker->thread, NULL) == 0);
    for (Arrival *arrival; (arrival = arrivals_pop(worker->arrivals)); arrival_free(arrival)) {
        crowd_leave(worker->crowd, arrival->group, FALSE);
    }
    arrivals_free(worker->arrivals);
    bell_unref(worker->bell);
    g_main_context_unref(worker->context);
    g_free(worker);
}
