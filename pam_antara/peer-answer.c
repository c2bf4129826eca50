/* SPDX-License-Identifier: GPL-3.0-or-later */

/* peer-answer.c - reading what the daemon said; nothing of it is believed to be well formed */

#include "peer.h"

#include "dbus/names.h"

#include <errno.h>
#include <string.h>

void peer_answer_clear(PeerAnswer *answer)
{
    sd_bus_message_unref(answer->message);
    *answer = (PeerAnswer){0};
}

PeerState peer_state_of(const char *name)
{
    static const struct {
        const char *name;
        PeerState state;
    } rows[] = {
        {ANTARA_PAM_TELL, PEER_STATE_TELL},           {ANTARA_PAM_ASK, PEER_STATE_ASK},
        {ANTARA_PAM_WAIT, PEER_STATE_WAIT},           {ANTARA_PAM_APPROVED, PEER_STATE_APPROVED},
        {ANTARA_PAM_DENIED, PEER_STATE_DENIED},       {ANTARA_PAM_NO_LINK, PEER_STATE_NO_LINK},
        {ANTARA_PAM_THROTTLED, PEER_STATE_THROTTLED}, {ANTARA_PAM_IGNORED, PEER_STATE_IGNORED},
        {ANTARA_PAM_EXPIRED, PEER_STATE_EXPIRED},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(name, rows[i].name) == 0) {
            return rows[i].state;
        }
    }
    return PEER_STATE_NONE;
}

/* A session's environment is root's business: only our own names, only short plain values. */
static bool variable_is_ours(const char *name, const char *value)
{
    static const char *const names[] = {ANTARA_ENV_AUTH_METHOD, ANTARA_ENV_EVENT, ANTARA_ENV_SLUG};
    bool known = false;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        known = known || strcmp(name, names[i]) == 0;
    }
    for (size_t i = 0; value[i] != '\0'; i++) {
        if (i == ANSWER_VALUE_CHARS || value[i] <= ' ' || value[i] > '~') {
            return false;
        }
    }
    return known;
}

static int read_variables(PeerAnswer *answer)
{
    const char *name = NULL, *value = NULL;
    int r = sd_bus_message_enter_container(answer->message, 'a', "{ss}");

    if (r < 0) {
        return r;
    }
    while ((r = sd_bus_message_read(answer->message, "{ss}", &name, &value)) > 0) {
        if (answer->variables_count < ANSWER_VARIABLES_MAX && variable_is_ours(name, value)) {
            answer->variables[answer->variables_count++] = (PeerVariable){name, value};
        }
    }
    return r;
}

int peer_answer_read(PeerAnswer *answer)
{
    const char *state = NULL;
    uint32_t seconds = 0;
    int echo = 0;

    if (!sd_bus_message_has_signature(answer->message, ANTARA_PAM_ANSWER)) {
        return -EBADMSG;
    }
    int r = sd_bus_message_read(
        answer->message, "ssssbsu", &answer->conversation, &state, &answer->info, &answer->prompt,
        &echo, &answer->event, &seconds);
    if (r < 0) {
        return r;
    }
    answer->state = peer_state_of(state);
    answer->echo = echo != 0;
    answer->timeout_seconds = seconds;
    return read_variables(answer);
}

int peer_answer_read_account(PeerAnswer *answer)
{
    const char *state = NULL;

    if (!sd_bus_message_has_signature(answer->message, ANTARA_PAM_ACCOUNT)) {
        return -EBADMSG;
    }
    int r = sd_bus_message_read(
        answer->message, ANTARA_PAM_ACCOUNT, &state, &answer->info, &answer->event);
    if (r < 0) {
        return r;
    }
    answer->state = peer_state_of(state);
    return 0;
}
