/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/gate.h"

#include "http/route.h"
#include "http/target.h"
#include "http/wire.h"

#include <string.h>

#define CHUNK_LINE_BYTES_MAX 18U /* sixteen hex digits, CR, LF: no chunk extensions */

void gate_init(Gate *gate)
{
    *gate = (Gate){.state = GATE_BETWEEN};
}

static gsize refuse(Gate *gate, guint status)
{
    gate->state = GATE_REFUSED;
    gate->status = status;
    return 0;
}

/* RFC 9110 5.6.2 */
static gboolean is_token(const guint8 *text, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (!g_ascii_isalnum((char)text[i]) && !memchr("!#$%&'*+-.^_`|~", text[i], 15)) {
            return FALSE;
        }
    }
    return size > 0;
}

static gboolean is_name(const guint8 *name, gsize size, const char *wanted)
{
    return size == strlen(wanted) && g_ascii_strncasecmp((const char *)name, wanted, size) == 0;
}

typedef struct Head {
    const guint8 *method, *target;
    gsize method_size, target_size;
    guint fields;
    guint hosts;
    gboolean has_length;
    gboolean chunked;
    gboolean has_coding;
    guint64 length;
    gboolean old; /* HTTP/1.0 */
} Head;

/* method SP target SP HTTP/1.x */
static guint check_request_line(Head *head, const guint8 *line, gsize size)
{
    const guint8 *space = memchr(line, ' ', size);
    const guint8 *last = memrchr(line, ' ', size);

    if (!space || last == space || space - line > GATE_METHOD_BYTES_MAX ||
        !is_token(line, (gsize)(space - line))) {
        return 400;
    }
    gsize target = (gsize)(last - space - 1);
    const guint8 *version = last + 1;
    if (is_name(line, (gsize)(space - line), WIRE_LAST_METHOD)) {
        return 501; /* only we may say it: it is answered before anything is looked at */
    }
    if (line + size - version != 8 ||
        (memcmp(version, "HTTP/1.1", 8) != 0 && memcmp(version, "HTTP/1.0", 8) != 0)) {
        return line + size - version == 8 && memcmp(version, "HTTP/", 5) == 0 ? 505 : 400;
    }
    for (const guint8 *c = space + 1; c < last; c++) {
        if (*c <= 0x20 || *c >= 0x7f) {
            return 400;
        }
    }
    if (target > GATE_TARGET_BYTES_MAX) {
        return 414;
    }
    head->method = line;
    head->method_size = (gsize)(space - line);
    head->target = space + 1;
    head->target_size = target;
    return target_is_sound(space + 1, target) ? 0 : 400;
}

static gboolean read_length(const guint8 *value, gsize size, guint64 *ret_length)
{
    g_autofree char *text = g_strndup((const char *)value, size);

    return strspn(text, "0123456789") == size && size > 0 &&
           g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, ret_length, NULL);
}

static guint
note_field(Head *head, const guint8 *name, gsize name_size, const guint8 *value, gsize size)
{
    if (is_name(name, name_size, "host")) {
        return ++head->hosts > 1 || !target_host_is_sound(value, size) ? 400 : 0;
    }
    if (is_name(name, name_size, "content-length")) {
        gboolean twice = head->has_length;
        head->has_length = TRUE;
        return twice || !read_length(value, size, &head->length) ? 400 : 0;
    }
    if (is_name(name, name_size, "transfer-encoding")) {
        gboolean twice = head->has_coding;
        head->has_coding = TRUE;
        head->chunked = is_name(value, size, "chunked");
        return twice || !head->chunked ? 400 : 0;
    }
    if (is_name(name, name_size, "expect")) {
        return is_name(value, size, "100-continue") ? 0 : 417; /* libsoup says to go on */
    }
    return is_name(name, name_size, "upgrade") ? 400 : 0;
}

static guint check_field(Head *head, const guint8 *line, gsize size)
{
    const guint8 *colon = memchr(line, ':', size);

    /* obs-fold begins with white space, a space before the colon is no token: both are refused here
     */
    if (!colon || !is_token(line, (gsize)(colon - line))) {
        return 400;
    }
    const guint8 *value = colon + 1;
    const guint8 *end = line + size;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    for (const guint8 *c = value; c < end; c++) {
        if ((*c < 0x20 && *c != '\t') || *c == 0x7f) {
            return 400;
        }
    }
    if (++head->fields > GATE_FIELDS_MAX) {
        return 431;
    }
    return note_field(head, line, (gsize)(colon - line), value, (gsize)(end - value));
}

/* Whole, without the empty line at its end. Each line must end in CR LF, and hold neither alone. */
static guint check_head(Head *head, const guint8 *data, gsize size)
{
    guint status = 0;

    for (gsize at = 0, number = 0; at < size && !status; number++) {
        const guint8 *line = data + at;
        const guint8 *end = memchr(line, '\r', size - at);
        gsize length = end ? (gsize)(end - line) : size - at;
        if ((end && (end + 1 == data + size || end[1] != '\n')) || memchr(line, '\n', length) ||
            memchr(line, '\0', length)) {
            return 400;
        }
        status =
            number == 0 ? check_request_line(head, line, length) : check_field(head, line, length);
        head->old |= number == 0 && !status && line[length - 1] == '0';
        at += length + 2;
    }
    return status;
}

static guint judge_head(const Head *head)
{
    if (head->hosts == 0 || (head->has_length && head->has_coding) ||
        (head->has_coding && head->old)) {
        return 400;
    }
    return 0;
}

/* The body is refused before a byte of it is read, or while it comes. */
static guint limit_body(Gate *gate, const Head *head)
{
    gboolean has_body = head->length > 0 || head->chunked;

    gate->body = 0;
    gate->body_max =
        has_body ? route_body_max(head->method, head->method_size, head->target, head->target_size)
                 : 0;
    return head->length > gate->body_max ? 413 : 0;
}

/* Behind one an end may never come: the head would wait for its deadline. */
static gboolean has_lone_lf(const guint8 *data, gsize size)
{
    const guint8 *end = data + size;

    for (const guint8 *at = data; (at = memchr(at, '\n', (gsize)(end - at))); at++) {
        if (at == data || at[-1] != '\r') {
            return TRUE;
        }
    }
    return FALSE;
}

static gsize feed_head(Gate *gate, const guint8 *data, gsize size)
{
    Head head = {0};
    const guint8 *end = memmem(data, MIN(size, GATE_HEAD_BYTES_MAX), "\r\n\r\n", 4);

    gate->state = GATE_HEAD;
    if (!end) {
        const guint8 *line_end = memmem(data, size, "\r\n", 2);
        gsize line = line_end ? (gsize)(line_end - data) : size;
        if (line >
            GATE_METHOD_BYTES_MAX + GATE_TARGET_BYTES_MAX + 10) { /* two spaces, the version */
            return refuse(gate, 414);
        }
        if (has_lone_lf(data, size)) {
            return refuse(gate, 400);
        }
        return size >= GATE_HEAD_BYTES_MAX ? refuse(gate, 431) : 0;
    }
    gsize head_size = (gsize)(end - data);
    guint status = check_head(&head, data, head_size);
    status = status ? status : judge_head(&head);
    status = status ? status : limit_body(gate, &head);
    if (status) {
        return refuse(gate, status);
    }
    gate->left = head.length;
    gate->state = head.chunked ? GATE_CHUNK_SIZE : head.length > 0 ? GATE_BODY : GATE_BETWEEN;
    return head_size + 4;
}

static gsize feed_body(Gate *gate, gsize size, GateState next)
{
    gsize passed = (gsize)MIN(gate->left, size);

    gate->left -= passed;
    if (gate->left == 0) {
        gate->state = next;
    }
    return passed;
}

/* Hex digits and CR LF; no sign, no 0x, no extension. */
static gsize feed_chunk_size(Gate *gate, const guint8 *data, gsize size)
{
    const guint8 *end = memmem(data, size, "\r\n", 2);
    guint64 left = 0;

    if (!end) {
        return size >= CHUNK_LINE_BYTES_MAX ? refuse(gate, 400) : 0;
    }
    gsize digits = (gsize)(end - data);
    g_autofree char *text = g_strndup((const char *)data, digits);
    if (digits == 0 || digits > 8 || strspn(text, "0123456789abcdefABCDEF") != digits ||
        !g_ascii_string_to_unsigned(text, 16, 0, G_MAXUINT32, &left, NULL)) {
        return refuse(gate, 400);
    }
    gate->body += left;
    if (gate->body > gate->body_max) {
        return refuse(gate, 413);
    }
    gate->left = left;
    gate->state = left ? GATE_CHUNK_DATA : GATE_TRAILER;
    return digits + 2;
}

/* The line end behind a chunk's data; behind the last chunk the same: trailers are refused. */
static gsize feed_line_end(Gate *gate, const guint8 *data, gsize size, GateState next)
{
    if (size < 2) {
        return 0;
    }
    if (memcmp(data, "\r\n", 2) != 0) {
        return refuse(gate, 400);
    }
    gate->state = next;
    return 2;
}

gsize gate_feed(Gate *gate, const guint8 *data, gsize size)
{
    if (size == 0) {
        return 0;
    }
    switch (gate->state) {
    case GATE_BETWEEN:
    case GATE_HEAD:
        return feed_head(gate, data, size);
    case GATE_BODY:
        return feed_body(gate, size, GATE_BETWEEN);
    case GATE_CHUNK_SIZE:
        return feed_chunk_size(gate, data, size);
    case GATE_CHUNK_DATA:
        return feed_body(gate, size, GATE_CHUNK_END);
    case GATE_CHUNK_END:
        return feed_line_end(gate, data, size, GATE_CHUNK_SIZE);
    case GATE_TRAILER:
        return feed_line_end(gate, data, size, GATE_BETWEEN);
    case GATE_REFUSED:
        return 0;
    }
    return 0;
}
