/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* wire-inside.h - how a wire and its loop look inside; for wire*.c alone */

#include "http/wire.h"

struct Wire {
    gint references;
    WireLoop *loop; /* NULL once closed */
    int fd;
    Gate gate;
    GByteArray *raw; /* came, and has not passed the gate */
    GByteArray *in;  /* passed, for the stream */
    guint taken;     /* of in */
    GByteArray *out;
    guint sent; /* of out */
    Arrival *arrival;
    gint64 deadline_usec;
    gboolean begun;    /* the first head is there */
    gboolean readable; /* the socket may have more */
    gboolean
        half_closed; /* the client has ended its side: an end of file waits behind what it sent */
    guint refused;   /* the status of what did not pass: told when all before it is answered */
    gboolean refused_in_body;
    gboolean waited_for; /* the stream has read all, and waits */
    gboolean ended;      /* nothing more comes */
    gboolean end_told;   /* the stream has seen it: what it still writes is dropped */
    gboolean broken;     /* nothing more can be sent */
    gboolean closing;
    gboolean blocked; /* the client takes no more: the deadline is that of writing */
    gboolean dirty;   /* in loop->dirty */
    TlsSession *tls;  /* NULL: what is on the socket is plain, or the wire is closed */
    gboolean shaking; /* its handshake is not done */
    gboolean queued;  /* in loop->handshakes */
};

struct WireLoop {
    GSource source;
    int epoll_fd;
    GPollFD poll;      /* of epoll_fd */
    GHashTable *wires; /* set of Wire, each a reference */
    GPtrArray *dirty;  /* of Wire, each a reference: something to send at the end of the turn */
    GQueue handshakes; /* of Wire, each a reference: one that can go on with its handshake */
    GPtrArray *fresh;  /* of Wire, each a reference: those that have begun in this turn */
    GSource *beginnings;
    gint64 sweep_usec;
    gint64 checked_usec; /* when the turn began */
    gint64 turn_usec;    /* how long the last one took, sleep and handshakes aside */
    gboolean hsts;
    gboolean ending; /* each wire's request under way is its last */
    WireBegun begun;
    WireGone gone;
    gpointer data;
};

void wire_set_deadline(Wire *wire, gint64 usec);
/* For something that the client is to send: shorter when the loop ends. */
void wire_set_read_deadline(Wire *wire, gint64 usec);
/* The descriptor goes; the stream may still hold the wire, and sees its end. */
void wire_drop(Wire *wire);
/* Its time is over: it is refused or closed, whichever fits what it does now. */
void wire_expire(Wire *wire);
/* Nothing more comes from the client. */
void wire_end(Wire *wire);
/* Nothing more comes after the request that it is in, or that it was opened for. */
void wire_come_to_end(Wire *wire);
/* Our own answer to what never reached libsoup, behind all answers that are owed; then the end. */
void wire_refuse(Wire *wire, guint status, gboolean in_body);
void wire_mark_dirty(Wire *wire);
void wire_fill(Wire *wire);
/* Through the gate: what came, in the clear. */
void wire_pass(Wire *wire, const guint8 *data, gsize size);
void wire_flush(Wire *wire);

/* TLS: what came from the socket; it passes on what it opens. */
void wire_take_sealed(Wire *wire, const guint8 *data, gsize size);
/* Its turn will come: something came, or what goes is taken again. */
void wire_queue_handshake(Wire *wire);
/* Takes a step of the handshake that waits longest, and of more after a long turn. */
void wire_step_handshakes(WireLoop *loop);
/* It comes to nothing: the stream sees its end, the client nothing that is plain. */
void wire_fail_handshake(Wire *wire);
/* Like send(), sealed where it must be. */
gssize wire_send(Wire *wire, const guint8 *data, gsize size);
/* Tells the client the end, and forgets all keys. */
void wire_end_tls(Wire *wire);
