/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * load.c - HTTP load from one thread: each connection goes through the steps of a plan, again and
 * again, or once for each line of values
 *
 * A plan is JSON on standard input, what came of it JSON on standard output:
 *
 *     {"port": N, "connections": N, "seconds": S, "once": B, "collect": B,
 *      "steps": [{"head": T, "body": T, "status": N, "take": [[NAME, AFTER], …]}, …],
 *      "values": [{NAME: TEXT, …}, …]}
 *     {"rounds": N, "seconds": S, "wrong": N, "first_wrong": T, "reconnects": N,
 *      "median_usec": U, "p99_usec": U, "values": […], "collected": […]}
 *
 * {NAME} in a head or a body stands for a value of the line; what a step takes of an answer, from
 * behind AFTER to a quote, an ampersand or the line's end, becomes one; an answer without it is
 * wrong. Connection i has the lines i, i + connections, …. A run ends when no answer is owed any
 * more: so its values can go on in another run. Only for a server of 127.0.0.1.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_MAX  4096U
#define EVENTS_MAX       64
#define READ_BYTES       16384
#define ANSWER_BYTES_MAX (1024U * 1024)
#define TAKES_MAX        4U
#define PATIENCE_MSEC    10000

typedef struct Take {
    const char *name;
    const char *after;
} Take;

typedef struct Step {
    const char *head;
    const char *body;
    int status;
    Take takes[TAKES_MAX];
    gsize n_takes;
} Step;

typedef struct Load {
    json_t *plan;
    Step *steps;
    gsize n_steps;
    json_t *values; /* array, changed by what is taken */
    json_t *collected;
    gsize next_line; /* of a run that takes each line once */
    guint connections;
    guint busy;
    guint16 port;
    gboolean once, collect;
    gint64 begun_usec, end_usec, last_usec;
    guint64 rounds, wrong, reconnects;
    char *first_wrong;
    GArray *usec; /* of guint32: from a request to its whole answer */
    int epoll;
} Load;

typedef struct Connection {
    Load *load;
    int fd;
    gsize line, step;
    GString *request, *answer;
    gint64 sent_usec;
} Connection;

static void die(const char *what)
{
    fprintf(stderr, "bench-load: %s: %s\n", what, g_strerror(errno));
    exit(EXIT_FAILURE);
}

static void steps_read(Load *load)
{
    json_t *steps = json_object_get(load->plan, "steps");

    load->n_steps = json_array_size(steps);
    load->steps = g_new0(Step, load->n_steps);
    for (gsize i = 0; i < load->n_steps; i++) {
        json_t *row = json_array_get(steps, i);
        json_t *takes = json_object_get(row, "take");
        Step *step = &load->steps[i];
        step->head = json_string_value(json_object_get(row, "head"));
        step->body = json_string_value(json_object_get(row, "body"));
        step->status = (int)json_integer_value(json_object_get(row, "status"));
        step->n_takes = json_array_size(takes);
        g_assert(step->head && step->body && step->status && step->n_takes <= TAKES_MAX);
        for (gsize k = 0; k < step->n_takes; k++) {
            json_t *take = json_array_get(takes, k);
            step->takes[k].name = json_string_value(json_array_get(take, 0));
            step->takes[k].after = json_string_value(json_array_get(take, 1));
            g_assert(step->takes[k].name && step->takes[k].after);
        }
    }
}

static void fill_in(GString *out, const char *template, json_t *line)
{
    for (const char *open = strchr(template, '{'); open; open = strchr(template, '{')) {
        const char *close = strchr(open, '}');
        g_assert(close);
        g_autofree char *name = g_strndup(open + 1, (gsize)(close - open - 1));
        const char *value = json_string_value(json_object_get(line, name));
        g_string_append_len(out, template, open - template);
        g_string_append(out, value ? value : "");
        template = close + 1;
    }
    g_string_append(out, template);
}

static void send_all(Connection *connection)
{
    const char *text = connection->request->str;
    gsize left = connection->request->len;

    while (left > 0) {
        gssize sent = send(connection->fd, text, left, MSG_NOSIGNAL);
        if (sent < 0) {
            return; /* its end is read next */
        }
        text += sent;
        left -= (gsize)sent;
    }
}

static void request_send(Connection *connection)
{
    Load *load = connection->load;
    const Step *step = &load->steps[connection->step];
    json_t *line = json_array_get(load->values, connection->line);
    g_autoptr(GString) body = g_string_new(NULL);

    fill_in(body, step->body, line);
    g_string_truncate(connection->request, 0);
    g_string_truncate(connection->answer, 0);
    fill_in(connection->request, step->head, line);
    if (body->len > 0) {
        g_string_append_printf(
            connection->request,
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
            body->len);
    }
    g_string_append(connection->request, "\r\n");
    g_string_append_len(connection->request, body->str, (gssize)body->len);
    connection->sent_usec = g_get_monotonic_time();
    send_all(connection);
}

static void connection_open(Connection *connection)
{
    Load *load = connection->load;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(load->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int on = 1;

    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0) {
        die("connect");
    }
}

/* The size of the whole answer in @text, or 0 as long as some of it is missing. */
static gsize chunks_end(const char *text, gsize at, gsize length)
{
    while (at < length) {
        const char *line_end = strstr(text + at, "\r\n");
        if (!line_end) {
            return 0;
        }
        gsize size = strtoul(text + at, NULL, 16);
        at = (gsize)(line_end - text) + 2 + size + 2;
        if (size == 0) {
            return at <= length ? at : 0;
        }
    }
    return 0;
}

static const char *header_value(const char *head, const char *name)
{
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (g_ascii_strncasecmp(line + 2, name, strlen(name)) == 0) {
            return line + 2 + strlen(name);
        }
    }
    return NULL;
}

static gsize answer_size(const GString *answer)
{
    const char *blank = strstr(answer->str, "\r\n\r\n");

    if (!blank) {
        return 0;
    }
    gsize head = (gsize)(blank - answer->str) + 4;
    g_autofree char *text = g_strndup(answer->str, head - 2);
    const char *length = header_value(text, "Content-Length:");
    if (length) {
        gsize whole = head + strtoul(length, NULL, 10);
        return whole <= answer->len ? whole : 0;
    }
    if (header_value(text, "Transfer-Encoding:")) {
        return chunks_end(answer->str, head, answer->len);
    }
    return head;
}

/* FALSE: something is not there. */
static gboolean take_values(const Step *step, const char *answer, json_t *line)
{
    for (gsize i = 0; i < step->n_takes; i++) {
        const char *found = strstr(answer, step->takes[i].after);
        if (!found) {
            return FALSE;
        }
        found += strlen(step->takes[i].after);
        json_object_set_new(
            line, step->takes[i].name, json_stringn(found, strcspn(found, "\"&\r\n")));
    }
    return TRUE;
}

/* FALSE: nothing more for this connection. */
static gboolean line_next(Connection *connection)
{
    Load *load = connection->load;
    gsize n_lines = json_array_size(load->values);

    connection->step = 0;
    if (load->once) {
        connection->line = load->next_line++;
        return connection->line < n_lines;
    }
    connection->line += load->connections;
    if (connection->line >= n_lines) {
        connection->line %= load->connections;
    }
    return g_get_monotonic_time() < load->end_usec;
}

static void note_wrong(Load *load, const Connection *connection)
{
    load->wrong++;
    if (!load->first_wrong) {
        load->first_wrong = g_utf8_make_valid(connection->answer->str, -1);
    }
}

/* FALSE: nothing more for this connection. */
static gboolean answered(Connection *connection)
{
    Load *load = connection->load;
    const Step *step = &load->steps[connection->step];
    json_t *line = json_array_get(load->values, connection->line);
    const char *space = strchr(connection->answer->str, ' ');
    gint64 now = g_get_monotonic_time();
    guint32 took = (guint32)(now - connection->sent_usec);

    load->last_usec = now;
    g_array_append_val(load->usec, took);
    if (!space || atoi(space) != step->status ||
        !take_values(step, connection->answer->str, line)) {
        note_wrong(load, connection);
        return line_next(connection);
    }
    if (++connection->step < load->n_steps) {
        return TRUE;
    }
    load->rounds++;
    if (load->collect) {
        json_array_append_new(load->collected, json_copy(line));
    }
    return line_next(connection);
}

static void connection_close(Connection *connection)
{
    (void)close(connection->fd);
    connection->fd = -1;
}

static void connection_turn(Connection *connection)
{
    char bytes[READ_BYTES];
    gssize got = recv(connection->fd, bytes, sizeof(bytes), 0);

    if (got <= 0) {
        connection->load->reconnects++;
        connection_close(connection);
        connection_open(connection);
        request_send(connection);
        return;
    }
    g_string_append_len(connection->answer, bytes, got);
    if (answer_size(connection->answer) == 0) {
        g_assert(connection->answer->len < ANSWER_BYTES_MAX);
        return;
    }
    if (answered(connection)) {
        request_send(connection);
    } else {
        connection_close(connection);
        connection->load->busy--;
    }
}

static void run(Load *load)
{
    g_autofree Connection *connections = g_new0(Connection, load->connections);
    struct epoll_event events[EVENTS_MAX];

    for (guint i = 0; i < load->connections; i++) {
        Connection *connection = &connections[i];
        *connection = (Connection){.load = load, .line = i};
        connection->request = g_string_new(NULL);
        connection->answer = g_string_new(NULL);
        connection_open(connection);
    }
    load->busy = load->connections;
    load->next_line = load->connections;
    load->begun_usec = g_get_monotonic_time();
    load->end_usec =
        load->begun_usec +
        (gint64)(json_number_value(json_object_get(load->plan, "seconds")) * G_USEC_PER_SEC);
    for (guint i = 0; i < load->connections; i++) {
        request_send(&connections[i]);
    }
    while (load->busy > 0) {
        int n = epoll_wait(load->epoll, events, EVENTS_MAX, PATIENCE_MSEC);
        if (n <= 0) {
            die("waiting for answers");
        }
        for (int i = 0; i < n; i++) {
            connection_turn(events[i].data.ptr);
        }
    }
    for (guint i = 0; i < load->connections; i++) {
        g_string_free(connections[i].request, TRUE);
        g_string_free(connections[i].answer, TRUE);
    }
}

static int compare(const void *a, const void *b)
{
    guint32 one = *(const guint32 *)a;
    guint32 two = *(const guint32 *)b;

    return (one > two) - (one < two);
}

static void print_result(Load *load)
{
    GArray *usec = load->usec;

    g_array_sort(usec, compare);
    json_t *result = json_pack(
        "{s:I, s:f, s:I, s:s*, s:I, s:I, s:I, s:O, s:O}", "rounds", (json_int_t)load->rounds,
        "seconds", (double)(load->last_usec - load->begun_usec) / G_USEC_PER_SEC, "wrong",
        (json_int_t)load->wrong, "first_wrong", load->first_wrong, "reconnects",
        (json_int_t)load->reconnects, "median_usec",
        (json_int_t)g_array_index(usec, guint32, usec->len / 2), "p99_usec",
        (json_int_t)g_array_index(usec, guint32, usec->len * 99ULL / 100), "values", load->values,
        "collected", load->collected);
    g_assert(result);
    (void)json_dumpf(result, stdout, JSON_COMPACT);
    json_decref(result);
}

int main(void)
{
    json_error_t problem;
    Load load = {.plan = json_loadf(stdin, 0, &problem), .epoll = epoll_create1(EPOLL_CLOEXEC)};

    if (!load.plan || load.epoll < 0) {
        fprintf(stderr, "bench-load: %s\n", problem.text);
        return EXIT_FAILURE;
    }
    load.values = json_object_get(load.plan, "values");
    load.collected = json_array();
    load.once = json_is_true(json_object_get(load.plan, "once"));
    load.collect = json_is_true(json_object_get(load.plan, "collect"));
    load.port = (guint16)json_integer_value(json_object_get(load.plan, "port"));
    load.connections = (guint)json_integer_value(json_object_get(load.plan, "connections"));
    load.connections = MIN(load.connections, (guint)json_array_size(load.values));
    load.usec = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_assert(load.connections > 0 && load.connections <= CONNECTIONS_MAX);
    steps_read(&load);
    run(&load);
    print_result(&load);
    g_array_unref(load.usec);
    json_decref(load.collected);
    json_decref(load.plan);
    g_free(load.first_wrong);
    g_free(load.steps);
    (void)close(load.epoll);
    return EXIT_SUCCESS;
}
