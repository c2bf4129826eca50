/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/pam-text.h"

#include "base/catalog.h"
#include "base/text.h"
#include "bus/qr.h"

#include <string.h>

#define NAME_CHARS 64U

static char *where_to_go(const PamScreen *screen)
{
    return screen->user_code ? g_strdup_printf(
                                   "  Open  %s/d     Code  %s     (%u s)\n", screen->tenant->issuer,
                                   screen->user_code, screen->seconds)
                             : g_strdup("");
}

/* "Antara: sign in alice on web01 (sshd, from 203.0.113.7)" and where to go. */
static char *headline(const PamScreen *screen)
{
    g_autofree char *user = text_for_people(screen->user, NAME_CHARS);
    g_autofree char *host = text_for_people(screen->host, NAME_CHARS);
    g_autofree char *service = text_for_people(screen->service, NAME_CHARS);
    g_autofree char *remote = text_for_people(screen->remote, NAME_CHARS);

    g_autofree char *there = where_to_go(screen);

    return g_strdup_printf(
        "Antara: sign in %s on %s (%s%s%s)\n%s", user, host, service, *remote ? ", from " : "",
        remote, there);
}

/* Capitals fit the alphanumeric mode: of an issuer up to 36 characters the code has few enough
 * rows. */
static char *qr_text(const PamScreen *screen)
{
    g_autofree char *upper = g_ascii_strup(screen->tenant->issuer, -1);
    g_autoptr(GString) text = g_string_new(upper);

    g_string_append(text, "/D/");
    for (const char *c = screen->user_code; *c; c++) {
        if (*c != '-') {
            g_string_append_c(text, *c);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *drawing(const PamScreen *screen)
{
    if (!screen->user_code || !screen->qr || !screen->utf8) {
        return g_strdup("");
    }
    g_autofree char *link = qr_text(screen);
    char *drawn = qr_draw(link, screen->qr_inverse);
    return drawn ? drawn : g_strdup("");
}

char *pam_text_info(const PamScreen *screen)
{
    if (screen->shape != PAM_SHAPE_TERMINAL) {
        return g_strdup("");
    }
    g_autofree char *head = headline(screen);
    g_autofree char *drawn = drawing(screen);
    return g_strconcat("\n", head, drawn, NULL);
}

/* What fits: the code is needed, the issuer can be known. */
static char *line(const PamScreen *screen)
{
    const char *also = screen->one_time ? " (or a one-time code)" : "";
    g_autofree char *there = g_strdup_printf(
        "Approve %s at %s/d, then press Enter%s: ", screen->user_code, screen->tenant->issuer,
        also);
    g_autofree char *shorter = g_strdup_printf(
        "Approve %s at %s/d, then Enter: ", screen->user_code, screen->tenant->issuer);

    if (strlen(there) <= PAM_TEXT_LINE_CHARS) {
        return g_steal_pointer(&there);
    }
    return strlen(shorter) <= PAM_TEXT_LINE_CHARS
               ? g_steal_pointer(&shorter)
               : g_strdup_printf("Approve %s, then press Enter%s: ", screen->user_code, also);
}

char *pam_text_prompt(const PamScreen *screen)
{
    if (screen->shape == PAM_SHAPE_LINE && screen->user_code) {
        return line(screen);
    }
    g_autofree char *head = screen->shape == PAM_SHAPE_PROMPT ? headline(screen) : g_strdup("");

    if (!screen->user_code) {
        return g_strconcat(head, "One-time code: ", NULL);
    }
    return g_strconcat(
        head, "Approve there, then press Enter, or type the number it shows",
        screen->one_time ? ", or a one-time code: " : ": ", NULL);
}

char *pam_text_expired(guint left)
{
    return g_strdup_printf("That code has expired. Press Enter for a new one (%u left): ", left);
}

const char *pam_text_words(Reason reason)
{
    switch ((int)reason) {
    case REASON_NUMBER_WRONG:
    case REASON_ONE_TIME_WRONG:
    case REASON_NEW_SIGN_IN:
    case REASON_NO_LINK:
    case REASON_OTHER_ACCOUNT:
    case REASON_SUSPENDED:
    case REASON_MUTED:
        return N_("what was typed or approved is not right here");
    case REASON_TOO_MANY:
        return N_("that was too often, wait a few minutes");
    case REASON_DECLINED_BY_ADMIN:
        return reason_face(REASON_DECLINED_ON_HOST)->words; /* who is there to decline is no news */
    default:
        return reason_face(reason)->words;
    }
}

/* Some words are a sentence of a page. */
static char *without_stop(const char *words)
{
    gsize bytes = strlen(words);

    return g_strndup(words, bytes - (g_str_has_suffix(words, ".") ? 1 : 0));
}

char *pam_text_refusal(PamShape shape, const char *words, const char *event)
{
    if (shape == PAM_SHAPE_LINE) {
        return *event ? g_strdup_printf("Not approved. Event %s", event)
                      : g_strdup("Not approved.");
    }
    g_autofree char *why = without_stop(words);
    return *event ? g_strdup_printf(
                        "Not approved: %s. Event %s (antaractl explain %s)", why, event, event)
                  : g_strdup_printf("Not approved: %s.", why);
}
