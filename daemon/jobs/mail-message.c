/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/mail-message.h"

#include "base/catalog.h"
#include "base/secret.h"
#include "base/text.h"

#include <string.h>

#define LINE_CHARS_MAX 76U /* RFC 2047 2 */
#define WORD_FRAME     12U /* =?UTF-8?B? and ?= */
#define QP_LINE_CHARS  72U
#define AGENT_CHARS    120U
#define NAME_CHARS     64U
#define SERVICES_CHARS 400U

static gboolean is_plain_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text < 0x20 || *text > 0x7e) {
            return FALSE;
        }
    }
    return TRUE;
}

/* As many bytes as fit in a line's last encoded word, in whole groups of base64. */
static gsize word_bytes(gsize column)
{
    return (LINE_CHARS_MAX - WORD_FRAME - column) / 4 * 3;
}

char *mail_header_encode(const char *text, gsize column)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) encoded = g_string_new(NULL);

    for (char *c = valid; *c; c++) {
        if ((guchar)*c < 0x20 || *c == 0x7f) {
            *c = ' ';
        }
    }
    if (is_plain_ascii(valid) && !strstr(valid, "=?")) {
        return g_steal_pointer(&valid);
    }
    for (const char *at = valid; *at; column = 1) {
        const char *end = at;
        while (*end && (gsize)(g_utf8_next_char(end) - at) <= word_bytes(column)) {
            end = g_utf8_next_char(end);
        }
        g_autofree char *word = g_base64_encode((const guchar *)at, (gsize)(end - at));
        g_string_append_printf(encoded, "%s=?UTF-8?B?%s?=", encoded->len ? "\r\n " : "", word);
        at = end;
    }
    return g_string_free(g_steal_pointer(&encoded), FALSE);
}

/* RFC 2045 6.7, of lines that end in LF. */
static void append_quoted(GString *out, const char *text)
{
    gsize column = 0;

    for (const guchar *c = (const guchar *)text; *c; c++) {
        if (*c == '\n') {
            g_string_append(out, "\r\n");
            column = 0;
            continue;
        }
        gboolean last = c[1] == '\n' || c[1] == '\0';
        gboolean plain = (*c > 0x20 && *c < 0x7f && *c != '=') || (*c == ' ' && !last);
        if (column > QP_LINE_CHARS) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        if (plain && !(column == 0 && *c == '.')) { /* a dot at a line's start is SMTP's own */
            g_string_append_c(out, (char)*c);
            column++;
        } else {
            g_string_append_printf(out, "=%02X", *c);
            column += 3;
        }
    }
}

static void append_header(GString *out, const char *name, const char *value)
{
    g_autofree char *encoded = mail_header_encode(value, strlen(name) + 2);

    g_string_append_printf(out, "%s: %s\r\n", name, encoded);
}

static char *login_text(const Tenant *tenant, const OutboxEntry *entry)
{
    const char *language = entry->locale;
    g_autofree char *agent = text_for_people(entry->agent, AGENT_CHARS);
    g_autofree char *address = text_for_people(entry->address, AGENT_CHARS);

    return g_strdup_printf(
        "%s\n\n    %s/login/link/%s\n\n%s\n\n    %.4s %.4s\n\n%s\n\n    %s\n    %s\n\n%s\n\n%s\n",
        catalog_text(
            language, N_("To sign in, open this link in the browser where you asked for it:")),
        tenant->issuer, entry->link,
        catalog_text(language, N_("or type this code there, and nowhere else:")), entry->code,
        entry->code + 4, catalog_text(language, N_("You asked for it from:")), address,
        *agent ? agent : catalog_text(language, N_("an unknown browser")),
        catalog_text(language, N_("Link and code are good once, for ten minutes.")),
        catalog_text(
            language, N_("If you did not ask for this, say so on the link's page, or do nothing: "
                         "nobody gets in.")));
}

static void append_ids(GString *out, const char *from, const OutboxEntry *entry, gint64 now_usec)
{
    char id[ID_TEXT_CHARS + 1];
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_usec / G_USEC_PER_SEC);
    g_autofree char *date = g_date_time_format(now, "%a, %d %b %Y %H:%M:%S +0000");

    id_to_text(&entry->id, id);
    g_string_append_printf(
        out, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", date, id, strchr(from, '@') + 1);
}

static char *linked_text(const OutboxEntry *entry)
{
    const char *language = entry->locale;
    g_autofree char *user = text_for_people(entry->local_user, NAME_CHARS);
    g_autofree char *host = text_for_people(entry->host, NAME_CHARS);
    g_autofree char *services = text_for_people(entry->services, SERVICES_CHARS);

    return g_strdup_printf(
        "%s\n\n    %s @ %s\n    %s\n\n%s\n\n%s\n\n%s\n",
        catalog_text(language, N_("An account was linked to this local user, for these services:")),
        user, host, services,
        catalog_text(
            language, N_("Whoever holds that account can sign in there as this local user from now "
                         "on. Somebody who was logged in as the local user asked for it, and "
                         "somebody who was signed in to the account approved.")),
        catalog_text(
            language, N_("You get this because your account may be this local user, by this link "
                         "or by one of before.")),
        catalog_text(
            language, N_("If you did not do this, and know nobody who may have: tell the "
                         "administrator of that host at once, who takes the link away with "
                         "\"antaractl link remove\".")));
}

static char *message(
    const Tenant *tenant,
    const char *from,
    const OutboxEntry *entry,
    const char *about,
    const char *text,
    gint64 now_usec)
{
    GString *out = g_string_sized_new(4096); /* large enough not to move and leave a copy behind */
    g_autofree char *name = mail_header_encode(tenant->display_name, strlen("From: "));
    g_autofree char *quoted = g_strescape(name, "\r\n\t");
    g_autofree char *subject = g_strconcat(tenant->display_name, ": ", about, NULL);

    g_string_append_printf(
        out, strstr(name, "=?") ? "From: %s\r\n <%s>\r\n" : "From: \"%s\" <%s>\r\n",
        strstr(name, "=?") ? name : quoted, from);
    /* No word is encoded within an address: what is not ASCII stands as it is (RFC 6532 3.2). */
    g_string_append_printf(out, "To: %s\r\n", text_is_plain(entry->to) ? entry->to : "");
    append_header(out, "Subject", subject);
    append_ids(out, from, entry, now_usec);
    g_string_append(
        out,
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\nAuto-Submitted: auto-generated\r\n\r\n");
    append_quoted(out, text);
    return g_string_free(out, FALSE);
}

char *
mail_message(const Tenant *tenant, const char *from, const OutboxEntry *entry, gint64 now_usec)
{
    gboolean linked = entry->kind == OUTBOX_MAIL_LINKED;
    g_autoptr(SecretText) text = linked ? linked_text(entry) : login_text(tenant, entry);
    const char *about =
        linked ? N_("an account was linked to a local user") : N_("your link to sign in");

    return message(tenant, from, entry, catalog_text(entry->locale, about), text, now_usec);
}
