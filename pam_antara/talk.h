/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* talk.h - the application's conversation function, which shows texts and brings what was typed */

#include <security/pam_modules.h>
#include <stdbool.h>

#define TYPED_CHARS_MAX 64U

/**
 * talk_ask() - one call: the info first, exactly one prompt last
 * @info: shown before the prompt; NULL or "": none. sshd shows it only together with the prompt
 * @echo: whether what is typed may be seen
 * @ret_typed: (out): what was typed, printable ASCII of at most TYPED_CHARS_MAX; whatever else it
 *             was (sshd replaces by control characters what an unknown user types) is
 * TYPED_FOREIGN, a wrong answer like any other. Free with talk_forget()
 *
 * Returns: 0, -ENOMEM, or -ECONNABORTED when the application has no conversation or breaks it off.
 */
int talk_ask(
    pam_handle_t *handle,
    const char *info,
    const char *prompt,
    bool echo,
    char **ret_typed);

#define TYPED_FOREIGN "?"

/* Shows why it ended. Best effort: the answer stands, whatever becomes of its words. */
void talk_tell_end(pam_handle_t *handle, const char *text);

/* Shows a text by itself, for an application that does so at once (sshd since 10.3).
 * Returns: as talk_ask(). */
int talk_tell(pam_handle_t *handle, const char *text);

/* Wipes and frees what was typed. */
void talk_forget(char **typed);
