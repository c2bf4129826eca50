/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * peer.h - antarad as this module sees it: org.antara1.Pam on the system bus
 *
 * Every call has a deadline and never starts the daemon. Calls go to the unique name that owned
 * org.antara1 when the connection was made, and only if root or the user antara owns it: who takes
 * the name later is a stranger.
 */

#include "cleanup.h"

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>

#define ANSWER_VARIABLES_MAX 3U
#define ANSWER_VALUE_CHARS   64U

typedef struct Peer {
    sd_bus *bus;
    char *owner;          /* unique name of the daemon */
    uint64_t opened_usec; /* CLOCK_BOOTTIME */
    uint64_t deadline_usec;
} Peer;

/* What the module knows of the sign-in. Texts are PAM's, untrusted, NULL: none. */
typedef struct PeerAsked {
    const char *service, *user, *rhost, *tty, *ruser, *auth_info;
    const char *qr;
    unsigned timeout_seconds; /* left of the sign-in */
    unsigned codes;           /* that it has had already */
    unsigned elapsed_seconds; /* of it */
    bool silent, terminal, privileged, superuser, utf8;
} PeerAsked;

typedef enum PeerState {
    PEER_STATE_NONE = 0, /* no state that this module knows */
    PEER_STATE_ASK,
    PEER_STATE_TELL, /* ask, but the info by itself first */
    PEER_STATE_WAIT,
    PEER_STATE_APPROVED,
    PEER_STATE_DENIED,
    PEER_STATE_NO_LINK,
    PEER_STATE_THROTTLED,
    PEER_STATE_IGNORED,
    PEER_STATE_EXPIRED,
} PeerState;

typedef struct PeerVariable {
    const char *name, *value;
} PeerVariable;

/* One answer of the daemon; its texts live as long as it. */
typedef struct PeerAnswer {
    sd_bus_message *message;
    PeerState state;
    const char *conversation, *info, *prompt, *event;
    bool echo;
    unsigned timeout_seconds;
    size_t variables_count;
    PeerVariable variables[ANSWER_VARIABLES_MAX]; /* only names of dbus/names.h */
} PeerAnswer;

void peer_answer_clear(PeerAnswer *answer);
/* Fills in the rest from answer->message. 0, or negative errno. */
int peer_answer_read(PeerAnswer *answer);
/* The same of what Account answers, which has but state, info and event. */
int peer_answer_read_account(PeerAnswer *answer);
/* The state of that name; NONE for another. */
PeerState peer_state_of(const char *name);

/* Connects, and finds the owner of the name: in 5 s for all of it, however long the sign-in may be.
 * Returns: 0, -EPERM when a stranger owns the name, or another negative errno. */
int peer_open(pam_handle_t *handle, unsigned timeout_seconds, Peer *ret_peer);
void peer_close(Peer *peer);

/* Shortens what is left, never lengthens it. */
void peer_limit(Peer *peer, unsigned timeout_seconds);
bool peer_is_late(const Peer *peer);
unsigned peer_seconds_left(const Peer *peer); /* a begun one counts */
unsigned peer_seconds_gone(const Peer *peer); /* since peer_open(); a begun one doesn't count */

/* The methods of org.antara1.Pam. What @answer held before is cleared; @conversation may be its.
 * Returns: 0, or negative errno: nothing is known then. */
int peer_begin(Peer *peer, const PeerAsked *asked, PeerAnswer *answer);
int peer_respond(Peer *peer, const char *conversation, const char *typed, PeerAnswer *answer);
int peer_wait(Peer *peer, const char *conversation, PeerAnswer *answer);
int peer_account(Peer *peer, const char *service, const char *user, PeerAnswer *answer);

/* Makes the code dead. Best effort: it dies with the connection too. 0 or more: the daemon is
 * there. */
int peer_cancel(Peer *peer, const char *conversation);
