/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * wire.h - accepted connections on one epoll descriptor, with the gate in front and deadlines
 * around
 *
 * Under TLS the gate sees what was opened, and the handshake has the deadline of a head; then the
 * first head has one of its own.
 *
 * A WireLoop is in one main context; epoll is all that the context polls, edge-triggered. What a
 * client sent passes the gate and waits in the wire for its stream; what is answered is gathered
 * and sent once at the end of the turn. Who has not sent a whole good head yet costs a wire and no
 * more.
 *
 * libsoup before 3.3 leaks a descriptor and some memory for each kept-alive connection that its
 * client ends. So an end between two requests is shown to it, when all before is answered, as one
 * last request that is not to be kept alive (WIRE_LAST_REQUEST), whose answer is dropped; then
 * libsoup closes by itself.
 */

#include "crypto/tls-server.h"
#include "http/arrivals.h"
#include "http/gate.h"

#define WIRE_HEAD_USEC                                                                             \
    (10 * G_USEC_PER_SEC) /* from the first byte of a request to the end of its head */
#define WIRE_BODY_USEC      (10 * G_USEC_PER_SEC)
#define WIRE_IDLE_USEC      (15 * G_USEC_PER_SEC) /* between requests */
#define WIRE_WRITE_USEC     (30 * G_USEC_PER_SEC) /* without a byte taken by the client */
#define WIRE_LAST_USEC      G_USEC_PER_SEC        /* for a request under way when the loop ends */
#define WIRE_OUT_BYTES_SOFT (64U * 1024)          /* is_writable is false above */

#define WIRE_LAST_METHOD  "ANTARA-LAST"
#define WIRE_LAST_REQUEST WIRE_LAST_METHOD " / HTTP/1.0\r\nConnection: close\r\n\r\n"

typedef struct WireLoop WireLoop;
typedef struct Wire Wire;

/* The first head of a wire is there, whole and good: now somebody must read, write and close it. */
typedef void (*WireBegun)(Wire *wire, gpointer data);
/* A wire has freed its descriptor. */
typedef void (*WireGone)(const Arrival *arrival, gpointer data);

WireLoop *wire_loop_new(GMainContext *context, WireBegun begun, WireGone gone, gpointer data);
void wire_loop_free(WireLoop *loop); /* closes all; their streams see an end */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WireLoop, wire_loop_free)
/* What is refused here, of which no tenant is known yet, carries Strict-Transport-Security: when
 * all issuers are https. */
void wire_loop_set_hsts(WireLoop *loop, gboolean hsts);
/* No further request is read: what came whole is answered, and so is what comes whole within
 * WIRE_LAST_USEC, also of wires that have not been asked anything yet; then each is closed. */
void wire_loop_end(WireLoop *loop);
/* Asked before each one that is sent away; FALSE: enough have gone. */
typedef gboolean (*WireMayGo)(gpointer data);
/* Sends away those who can be spared best, up to @count. Not within the loop's own sources. */
void wire_loop_make_room(WireLoop *loop, guint count, WireMayGo may_go, gpointer data);
guint wire_loop_count(const WireLoop *loop);

/* Takes @arrival, whose descriptor doesn't block. */
Wire *wire_new(WireLoop *loop, Arrival *arrival);
/* Right after wire_new(): this wire speaks TLS. */
void wire_start_tls(Wire *wire, TlsServer *server);
const Arrival *wire_arrival(const Wire *wire);
Wire *wire_ref(Wire *wire);
void wire_unref(Wire *wire);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wire, wire_unref)

/* For the stream. */
gsize wire_readable(const Wire *wire);
gsize wire_read(Wire *wire, void *data, gsize size);
/* Nothing was there to read: all requests before are answered, or one is read on. */
void wire_wait(Wire *wire);
gboolean wire_is_writable(const Wire *wire);
void wire_write(Wire *wire, const void *data, gsize size);
void wire_close(Wire *wire); /* sends what is left, then closes */
