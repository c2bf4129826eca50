/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/gate.h"

#include <string.h>

#define HOST "Host: id.example\r\n"

/* What became of the bytes that came. */
typedef struct Passed {
    gsize bytes;
    GateState state;
    guint status;
} Passed;

/* Feeds @size bytes, @step at a time. */
static Passed feed(const char *data, gsize size, gsize step)
{
    Gate gate;
    gsize at = 0;

    gate_init(&gate);
    for (gsize came = 0; came < size && gate.state != GATE_REFUSED;) {
        came = MIN(size, came + step);
        for (gsize passed; (passed = gate_feed(&gate, (const guint8 *)data + at, came - at)) > 0;) {
            at += passed;
        }
    }
    return (Passed){at, gate.state, gate.status};
}

/* The same however it is cut. */
static void passes(const char *text)
{
    const gsize size = strlen(text);
    const gsize steps[] = {size, 1, 7};

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        Passed passed = feed(text, size, steps[i]);
        g_assert_cmpuint(passed.status, ==, 0);
        g_assert_cmpint(passed.state, ==, GATE_BETWEEN);
        g_assert_cmpuint(passed.bytes, ==, size);
    }
}

static void refused(const char *text, guint status)
{
    const gsize size = strlen(text);
    const gsize steps[] = {size, 1};

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        Passed passed = feed(text, size, steps[i]);
        g_assert_cmpint(passed.state, ==, GATE_REFUSED);
        g_assert_cmpuint(passed.status, ==, status);
    }
}

static void sound_requests_pass_one_behind_the_other(void)
{
    passes("GET / HTTP/1.1\r\n" HOST "\r\n");
    passes("GET /a?b=%20 HTTP/1.1\r\nhost:id.example\r\nX-A: b\tc \xc3\xa9\r\nEmpty:\r\n\r\n");
    passes("GET / HTTP/1.0\r\n" HOST "\r\n");
    passes("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
    passes("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: 100-continue\r\n\r\na");
    passes("POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n");
    passes("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
           "5\r\nhello\r\n0a\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n");
}

static void G1_two_framings_of_one_body_are_refused(void)
{
    static const char *const bad[] = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding:\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 5\r\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("POST / HTTP/1.1\r\n" HOST "%s\r\nhello", bad[i]);
        refused(text, 400);
    }
    refused("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400);
}

static void a_request_has_one_host(void)
{
    refused("GET / HTTP/1.1\r\n\r\n", 400);
    refused("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400);
    refused("GET / HTTP/1.1\r\n" HOST "host: other.example\r\n\r\n", 400);
}

static void malformed_lines_are_refused(void)
{
    static const char *const bad[] = {
        "GET / HTTP/1.1\n" HOST "\r\n",
        "GET / HTTP/1.1\r\nHost: id.example\n\r\n",
        "GET / HTTP/1.1\r\nHost: id\rexample\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST " folded: line\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "\tfolded: line\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST ": no name\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "na me: x\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "n\xc3\xa4me: x\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "X: a\x01z\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "X: a\x7fz\r\n\r\n",
        "GET  / HTTP/1.1\r\n" HOST "\r\n",
        "GET /a b HTTP/1.1\r\n" HOST "\r\n",
        "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n",
        "GET HTTP/1.1\r\n" HOST "\r\n",
        "G{T / HTTP/1.1\r\n" HOST "\r\n",
        " GET / HTTP/1.1\r\n" HOST "\r\n",
        "\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1 \r\n" HOST "\r\n",
        "GET / http/1.1\r\n" HOST "\r\n",
        "GET / HTTP/11\r\n" HOST "\r\n",
        "AMETHODTHATISLONGERTHANANYTHATEVERWAS / HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\n\r\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        refused(bad[i], 400);
    }
    refused("GET / HTTP/2.0\r\n" HOST "\r\n", 505);
    refused("GET / HTTP/1.1\r\n" HOST "Expect: more\r\n\r\n", 417);
}

/* Its answer has no header of ours, and goes before Host is looked at. */
static void G8_the_method_that_ends_a_wire_is_no_strangers(void)
{
    refused("ANTARA-LAST / HTTP/1.1\r\n" HOST "\r\n", 501);
    refused("ANTARA-LAST / HTTP/1.0\r\n" HOST "\r\n", 501);
    passes("ANTARA-LASTLY / HTTP/1.1\r\n" HOST "\r\n");
}

static void a_nul_is_refused(void)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: id\0example\r\n\r\n";

    g_assert_cmpuint(feed(text, sizeof(text) - 1, sizeof(text)).status, ==, 400);
}

static void malformed_chunks_are_refused(void)
{
    static const char *const bad[] = {
        "0x5\r\nhello\r\n0\r\n\r\n",       "+5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",        "5 \r\nhello\r\n0\r\n\r\n",
        "5;a=b\r\nhello\r\n0\r\n\r\n",     "5\nhello\r\n0\r\n\r\n.............",
        "\r\nhello\r\n0\r\n\r\n",          "g\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",        "5\r\nhello0\r\n\r\n",
        "000000005\r\nhello\r\n0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf(
            "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%s", bad[i]);
        refused(text, 400);
    }
}

static void a_body_has_a_limit_in_either_framing(void)
{
    refused("POST / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", 413);
    refused("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 413);
    g_autofree char *half = g_strnfill(0x8001, 'x');
    g_autofree char *text = g_strconcat(
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n8001\r\n", half,
        "\r\n8000\r\n", NULL);
    g_assert_cmpuint(feed(text, strlen(text), 4096).status, ==, 413);
}

/* However the path is spelled, and before a byte of the body is there. */
static void G4_a_body_has_the_limit_of_its_route(void)
{
    static const struct {
        const char *line;
        guint bytes;
    } rows[] = {
        {"POST /oauth/token", 16384},
        {"POST /oauth/token?a=b", 16384},
        {"POST /oauth/%74oken", 16384},
        {"POST /oauth/./token", 16384},
        {"POST http://id.example/oauth/token", 16384},
        {"POST /d", 4096},
        {"GET /healthz", 0},
        {"HEAD /healthz", 0},
        {"GET /oauth/token", GATE_BODY_BYTES_MAX}, /* 405, 404: as large as any */
        {"POST /oauth/tokens", GATE_BODY_BYTES_MAX},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint bytes = rows[i].bytes;
        g_autofree char *body = g_strnfill(bytes, 'a');
        g_autofree char *most = g_strdup_printf(
            "%s HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n%s", rows[i].line, bytes, body);
        g_autofree char *more = g_strdup_printf(
            "%s HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n", rows[i].line, bytes + 1);
        g_autofree char *chunked = g_strdup_printf(
            "%s HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", rows[i].line,
            MAX(bytes, 1), bytes ? body : "a");
        g_autofree char *longer = g_strconcat(chunked, "1\r\n", NULL);
        g_autofree char *ended = g_strconcat(chunked, "0\r\n\r\n", NULL);
        passes(most);
        refused(more, 413);
        refused(longer, 413);
        (bytes ? passes(ended) : refused(ended, 413));
    }
}

static void a_head_has_limits(void)
{
    g_autofree char *target = g_strnfill(GATE_TARGET_BYTES_MAX - 1, 'a');
    g_autofree char *longest = g_strconcat("GET /", target, " HTTP/1.1\r\n" HOST "\r\n", NULL);
    g_autofree char *longer = g_strconcat("GET /a", target, " HTTP/1.1\r\n" HOST "\r\n", NULL);
    g_autofree char *value = g_strnfill(GATE_HEAD_BYTES_MAX, 'a');
    g_autofree char *large = g_strconcat("GET / HTTP/1.1\r\n" HOST "X: ", value, NULL);
    g_autoptr(GString) many = g_string_new("GET / HTTP/1.1\r\n" HOST);

    passes(longest);
    refused(longer, 414);
    refused(large, 431);
    for (guint i = 1; i < GATE_FIELDS_MAX; i++) {
        g_string_append(many, "A: b\r\n");
    }
    g_autofree char *most = g_strconcat(many->str, "\r\n", NULL);
    g_autofree char *more = g_strconcat(many->str, "A: b\r\n\r\n", NULL);
    passes(most);
    refused(more, 431);
}

static void no_part_of_a_head_passes_and_nothing_behind_a_refusal(void)
{
    static const char half[] = "GET / HTTP/1.1\r\n" HOST "X: a\r\n";
    static const char bad[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET  / HTTP/1.1\r\n" HOST "\r\n";
    static const char first[] = "GET / HTTP/1.1\r\n" HOST "\r\n";

    g_assert_cmpuint(feed(half, sizeof(half) - 1, 1).bytes, ==, 0);
    g_assert_cmpuint(feed(bad, sizeof(bad) - 1, sizeof(bad)).bytes, ==, sizeof(first) - 1);
    g_assert_cmpint(feed(bad, sizeof(bad) - 1, sizeof(bad)).state, ==, GATE_REFUSED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/gate/" #promise, promise)
    TEST(sound_requests_pass_one_behind_the_other);
    TEST(G1_two_framings_of_one_body_are_refused);
    TEST(a_request_has_one_host);
    TEST(malformed_lines_are_refused);
    TEST(a_nul_is_refused);
    TEST(malformed_chunks_are_refused);
    TEST(a_body_has_a_limit_in_either_framing);
    TEST(G4_a_body_has_the_limit_of_its_route);
    TEST(a_head_has_limits);
    TEST(no_part_of_a_head_passes_and_nothing_behind_a_refusal);
    TEST(G8_the_method_that_ends_a_wire_is_no_strangers);
    return g_test_run();
}
