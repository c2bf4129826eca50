/* SPDX-License-Identifier: GPL-3.0-or-later */

/* talk.c - see talk.h */

#include "talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void talk_forget(char **typed)
{
    if (*typed != NULL) {
        explicit_bzero(*typed, strlen(*typed));
        free(*typed);
        *typed = NULL;
    }
}

static void responses_free(struct pam_response *responses, size_t count)
{
    if (responses == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        talk_forget(&responses[i].resp);
    }
    free(responses);
}

/* The conversation function as it is now: an application may change it between two calls. */
static int converse(
    pam_handle_t *handle,
    const struct pam_message *messages,
    size_t count,
    struct pam_response **ret_responses)
{
    const struct pam_message *rows[2] = {&messages[0], &messages[count - 1]};
    struct pam_response *responses = NULL;
    const void *item = NULL;

    if (pam_get_item(handle, PAM_CONV, &item) != PAM_SUCCESS || item == NULL) {
        return -ECONNABORTED;
    }
    const struct pam_conv *conversation = item;
    if (conversation->conv == NULL) {
        return -ECONNABORTED;
    }
    /* What a failing function leaves in the pointer can't be told from rubbish: it isn't freed. */
    if (conversation->conv((int)count, rows, &responses, conversation->appdata_ptr) !=
        PAM_SUCCESS) {
        return -ECONNABORTED;
    }
    *ret_responses = responses;
    return 0;
}

static bool is_plain(const char *typed)
{
    for (size_t i = 0; typed[i] != '\0'; i++) {
        if (i == TYPED_CHARS_MAX || typed[i] < ' ' || typed[i] > '~') {
            return false;
        }
    }
    return true;
}

int talk_ask(
    pam_handle_t *handle,
    const char *info,
    const char *prompt,
    bool echo,
    char **ret_typed)
{
    struct pam_message messages[2];
    struct pam_response *responses = NULL;
    size_t count = 0;

    if (info != NULL && info[0] != '\0') {
        messages[count++] = (struct pam_message){PAM_TEXT_INFO, info};
    }
    messages[count++] =
        (struct pam_message){echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, prompt};

    int r = converse(handle, messages, count, &responses);
    if (r < 0) {
        return r;
    }
    if (responses == NULL || responses[count - 1].resp == NULL) {
        responses_free(responses, count);
        return -ECONNABORTED;
    }
    const char *typed = responses[count - 1].resp;
    char *copy = strdup(is_plain(typed) ? typed : TYPED_FOREIGN);
    responses_free(responses, count);
    if (copy == NULL) {
        return -ENOMEM;
    }
    *ret_typed = copy;
    return 0;
}

static int tell(pam_handle_t *handle, int style, const char *text)
{
    const struct pam_message message = {style, text};
    struct pam_response *responses = NULL;
    int r = converse(handle, &message, 1, &responses);

    if (r < 0) {
        return r;
    }
    responses_free(responses, 1);
    return 0;
}

void talk_tell_end(pam_handle_t *handle, const char *text)
{
    (void)tell(handle, PAM_ERROR_MSG, text);
}

int talk_tell(pam_handle_t *handle, const char *text)
{
    return tell(handle, PAM_TEXT_INFO, text);
}
