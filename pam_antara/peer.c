/* SPDX-License-Identifier: GPL-3.0-or-later */

/* peer.c - see peer.h */

#include "peer.h"
#include "text.h"

#include "dbus/names.h"

#include <errno.h>
#include <security/pam_modutil.h>
#include <string.h>
#include <time.h>

#define USEC_PER_SEC     UINT64_C(1000000)
#define CALL_USEC        (5 * USEC_PER_SEC) /* for what the daemon answers at once */
#define CALL_USEC_MIN    USEC_PER_SEC /* so that its own "expired" comes before our deadline */
#define CANCEL_USEC      USEC_PER_SEC
#define BUS_DAEMON       "org.freedesktop.DBus"
#define BUS_DAEMON_PATH  "/org/freedesktop/DBus"
#define SIGNATURE_DETAIL "{sv}"

static uint64_t now_usec(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t left_usec(const Peer *peer)
{
    const uint64_t now = now_usec();

    return peer->deadline_usec > now ? peer->deadline_usec - now : 0;
}

void peer_limit(Peer *peer, unsigned timeout_seconds)
{
    const uint64_t deadline = now_usec() + timeout_seconds * USEC_PER_SEC;

    if (deadline < peer->deadline_usec) {
        peer->deadline_usec = deadline;
    }
}

bool peer_is_late(const Peer *peer)
{
    return left_usec(peer) == 0;
}

unsigned peer_seconds_left(const Peer *peer)
{
    return (unsigned)((left_usec(peer) + USEC_PER_SEC - 1) / USEC_PER_SEC);
}

unsigned peer_seconds_gone(const Peer *peer)
{
    return (unsigned)((now_usec() - peer->opened_usec) / USEC_PER_SEC);
}

/* @usec at most, but no longer than what is left. */
static uint64_t patience(const Peer *peer, uint64_t usec)
{
    const uint64_t left = left_usec(peer);
    const uint64_t shorter = left < usec ? left : usec;

    return shorter > CALL_USEC_MIN ? shorter : CALL_USEC_MIN;
}

static int call(Peer *peer, sd_bus_message *message, uint64_t usec, sd_bus_message **ret_reply)
{
    int r = sd_bus_message_set_auto_start(message, 0);

    if (r < 0) {
        return r;
    }
    return sd_bus_call(peer->bus, message, patience(peer, usec), NULL, ret_reply);
}

/* sd_bus_call() would wait for the handshake as long as sd-bus likes, so it is done here. */
static int wait_until_ready(Peer *peer)
{
    int r = 0;

    while ((r = sd_bus_is_ready(peer->bus)) == 0) {
        r = sd_bus_process(peer->bus, NULL);
        if (r < 0) {
            return r;
        }
        if (r > 0) {
            continue;
        }
        const uint64_t left = left_usec(peer);
        if (left == 0) {
            return -ETIMEDOUT;
        }
        r = sd_bus_wait(peer->bus, left);
        if (r < 0 && r != -EINTR) {
            return r;
        }
    }
    return r < 0 ? r : 0;
}

/* One string to the bus daemon. */
static int ask_bus(Peer *peer, const char *member, const char *text, sd_bus_message **ret_reply)
{
    CLEANUP(cleanup_message) sd_bus_message *message = NULL;
    int r = sd_bus_message_new_method_call(
        peer->bus, &message, BUS_DAEMON, BUS_DAEMON_PATH, BUS_DAEMON, member);

    if (r < 0) {
        return r;
    }
    r = sd_bus_message_append(message, "s", text);
    if (r < 0) {
        return r;
    }
    return call(peer, message, CALL_USEC, ret_reply);
}

static int find_owner(Peer *peer)
{
    CLEANUP(cleanup_message) sd_bus_message *reply = NULL;
    const char *owner = NULL;
    int r = ask_bus(peer, "GetNameOwner", ANTARA_BUS_NAME, &reply);

    if (r < 0) {
        return r;
    }
    r = sd_bus_message_read(reply, "s", &owner);
    if (r < 0) {
        return r;
    }
    peer->owner = strdup(owner);
    return peer->owner != NULL ? 0 : -ENOMEM;
}

static int check_owner(pam_handle_t *handle, Peer *peer)
{
    CLEANUP(cleanup_message) sd_bus_message *reply = NULL;
    uint32_t uid = UINT32_MAX;
    int r = ask_bus(peer, "GetConnectionUnixUser", peer->owner, &reply);

    if (r < 0) {
        return r;
    }
    r = sd_bus_message_read(reply, "u", &uid);
    if (r < 0) {
        return r;
    }
    if (uid == 0) {
        return 0;
    }
    const struct passwd *antara = pam_modutil_getpwnam(handle, ANTARA_BUS_USER);
    return antara != NULL && antara->pw_uid == uid ? 0 : -EPERM;
}

/* The bus has one call's time for all of it: nobody waits longer before he is asked. */
static int connect_to_owner(pam_handle_t *handle, Peer *peer)
{
    /* Reads the address from the environment by secure_getenv(): not in sudo and su. */
    int r = sd_bus_open_system(&peer->bus);

    if (r >= 0) {
        r = wait_until_ready(peer);
    }
    if (r >= 0) {
        r = find_owner(peer);
    }
    return r < 0 ? r : check_owner(handle, peer);
}

int peer_open(pam_handle_t *handle, unsigned timeout_seconds, Peer *ret_peer)
{
    const uint64_t now = now_usec();
    const uint64_t sign_in_usec = timeout_seconds * USEC_PER_SEC;
    Peer peer = {
        .opened_usec = now,
        .deadline_usec = now + (sign_in_usec < CALL_USEC ? sign_in_usec : CALL_USEC),
    };
    int r = connect_to_owner(handle, &peer);

    if (r < 0) {
        peer_close(&peer);
        return r;
    }
    peer.deadline_usec = now + sign_in_usec;
    *ret_peer = peer;
    return 0;
}

/* No flush: it could wait for ever, and every call has had its answer. */
void peer_close(Peer *peer)
{
    sd_bus_close_unref(peer->bus);
    free(peer->owner);
    *peer = (Peer){0};
}

/* Sends @message and makes @answer the reply to it. */
static int exchange(Peer *peer, sd_bus_message *message, uint64_t usec, PeerAnswer *answer)
{
    PeerAnswer next = {0};
    int r = call(peer, message, usec, &next.message);

    if (r >= 0) {
        r = peer_answer_read(&next);
    }
    if (r < 0) {
        peer_answer_clear(&next);
        return r;
    }
    peer_answer_clear(answer);
    *answer = next;
    return 0;
}

static int message_new(Peer *peer, const char *member, sd_bus_message **ret_message)
{
    return sd_bus_message_new_method_call(
        peer->bus, ret_message, peer->owner, ANTARA_BUS_PATH, ANTARA_BUS_PAM, member);
}

static int append_text(sd_bus_message *message, const char *name, const char *text)
{
    return text == NULL
               ? 0
               : sd_bus_message_append(message, SIGNATURE_DETAIL, name, "s", text_for_bus(text));
}

static int append_names(sd_bus_message *message, const char *service, const char *user)
{
    return sd_bus_message_append(
        message, "ss", text_name_for_bus(service), text_name_for_bus(user));
}

static int append_details(sd_bus_message *message, const PeerAsked *asked)
{
    const struct {
        const char *name, *text;
    } rows[] = {
        {"rhost", asked->rhost},         {"tty", asked->tty}, {"ruser", asked->ruser},
        {"auth_info", asked->auth_info}, {"qr", asked->qr},
    };
    int r = sd_bus_message_open_container(message, 'a', SIGNATURE_DETAIL);

    for (size_t i = 0; r >= 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        r = append_text(message, rows[i].name, rows[i].text);
    }
    if (r < 0) {
        return r;
    }
    r = sd_bus_message_append(
        message, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "silent", "b", (int)asked->silent, "terminal",
        "b", (int)asked->terminal, "privileged", "b", (int)asked->privileged, "superuser", "b",
        (int)asked->superuser, "utf8", "b", (int)asked->utf8, "timeout", "u",
        (uint32_t)asked->timeout_seconds, "codes", "u", (uint32_t)asked->codes, "elapsed", "u",
        (uint32_t)asked->elapsed_seconds);
    return r < 0 ? r : sd_bus_message_close_container(message);
}

int peer_begin(Peer *peer, const PeerAsked *asked, PeerAnswer *answer)
{
    CLEANUP(cleanup_message) sd_bus_message *message = NULL;
    int r = message_new(peer, "Open", &message);

    if (r < 0) {
        return r;
    }
    r = append_names(message, asked->service, asked->user);
    if (r < 0) {
        return r;
    }
    r = append_details(message, asked);
    if (r < 0) {
        return r;
    }
    return exchange(peer, message, CALL_USEC, answer);
}

int peer_respond(Peer *peer, const char *conversation, const char *typed, PeerAnswer *answer)
{
    CLEANUP(cleanup_message) sd_bus_message *message = NULL;
    int r = message_new(peer, "Respond", &message);

    if (r < 0) {
        return r;
    }
    r = sd_bus_message_sensitive(message);
    if (r < 0) {
        return r;
    }
    r = sd_bus_message_append(message, "ss", conversation, typed);
    if (r < 0) {
        return r;
    }
    return exchange(peer, message, CALL_USEC, answer);
}

int peer_wait(Peer *peer, const char *conversation, PeerAnswer *answer)
{
    CLEANUP(cleanup_message) sd_bus_message *message = NULL;
    const uint64_t slice = UINT64_C(1000) * ANTARA_PAM_WAIT_MSEC;
    int r = message_new(peer, "Wait", &message);

    if (r < 0) {
        return r;
    }
    r = sd_bus_message_append(message, "su", conversation, ANTARA_PAM_WAIT_MSEC);
    if (r < 0) {
        return r;
    }
    return exchange(peer, message, slice + CALL_USEC, answer);
}

int peer_account(Peer *peer, const char *service, const char *user, PeerAnswer *answer)
{
    CLEANUP(cleanup_message) sd_bus_message *message = NULL;
    PeerAnswer next = {0};
    int r = message_new(peer, "Account", &message);

    if (r < 0) {
        return r;
    }
    r = append_names(message, service, user);
    if (r < 0) {
        return r;
    }
    r = call(peer, message, CALL_USEC, &next.message);
    if (r >= 0) {
        r = peer_answer_read_account(&next);
    }
    if (r < 0) {
        peer_answer_clear(&next);
        return r;
    }
    peer_answer_clear(answer);
    *answer = next;
    return 0;
}

int peer_cancel(Peer *peer, const char *conversation)
{
    CLEANUP(cleanup_message) sd_bus_message *message = NULL;
    int r = message_new(peer, "Cancel", &message);

    if (r < 0) {
        return r;
    }
    r = sd_bus_message_append(message, "s", conversation);
    return r < 0 ? r : call(peer, message, CANCEL_USEC, NULL);
}
