/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/mail-message.h"

#include <string.h>

#define LINE_CHARS_MAX 76U
#define FROM           "antara@id.example"
#define WHEN           G_GINT64_CONSTANT(1700000000000000) /* Tue, 14 Nov 2023 22:13:20 */

static char *letter(const char *display_name, const char *to, const char *agent)
{
    g_autoptr(Tenant) tenant = tenant_new("acme");
    OutboxEntry entry = {
        .kind = OUTBOX_MAIL_LOGIN,
        .to = (char *)to,
        .link = (char *)"LINKLINKLINK",
        .code = (char *)"12345678",
        .locale = (char *)"en",
        .agent = (char *)agent,
        .address = (char *)"192.0.2.1",
    };

    g_assert_null(tenant_set_issuer(tenant, "https://id.example"));
    tenant->display_name = g_strdup(display_name);
    return mail_message(tenant, FROM, &entry, WHEN);
}

static void every_line_is_short_and_ends_in_cr_lf(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);

    for (char **line = lines; *line; line++) {
        g_assert_cmpuint(strlen(*line), <=, LINE_CHARS_MAX);
        g_assert_null(strpbrk(*line, "\r\n"));
    }
}

/* The value of a header, unfolded; NULL when there is none, or more than one. */
static char *header(const char *text, const char *name)
{
    g_autofree char *head = g_strndup(text, (gsize)(strstr(text, "\r\n\r\n") - text));
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    g_autofree char *start = g_strconcat(name, ": ", NULL);
    g_autoptr(GString) value = NULL;
    gboolean within = FALSE;

    for (char **line = lines; *line; line++) {
        if (within && **line == ' ') {
            g_string_append(value, *line);
            continue;
        }
        within = g_str_has_prefix(*line, start);
        if (within && value) {
            return NULL;
        }
        value = within ? g_string_new(*line + strlen(start)) : g_steal_pointer(&value);
    }
    return value ? g_string_free(g_steal_pointer(&value), FALSE) : NULL;
}

static void is(const char *text, const char *name, const char *wanted)
{
    g_autofree char *value = header(text, name);

    g_assert_cmpstr(value, ==, wanted);
}

static void a_plain_letter_has_plain_headers(void)
{
    g_autofree char *text = letter("Acme", "alice@example.org", "Firefox on Linux");

    is(text, "From", "\"Acme\" <" FROM ">");
    is(text, "To", "alice@example.org");
    is(text, "Subject", "Acme: your link to sign in");
    is(text, "Date", "Tue, 14 Nov 2023 22:13:20 +0000");
    is(text, "Auto-Submitted", "auto-generated");
    every_line_is_short_and_ends_in_cr_lf(text);
    g_assert_nonnull(strstr(text, "https://id.example/login/link/LINKLINKLINK\r\n"));
    g_assert_nonnull(strstr(text, "1234 5678\r\n"));
    g_assert_nonnull(strstr(text, "192.0.2.1\r\n"));
}

static void M7_a_name_makes_no_header(void)
{
    static const char *const names[] = {
        "Acme\r\nBcc: eve@example.org", "Acme\nBcc: eve@example.org",
        "Acme\rBcc: eve@example.org",   "Acm\xc3\xa9\r\n\r\nBcc: eve@example.org",
        "\" <eve@example.org>, \"",     "=?UTF-8?Q?Acme=0D=0ABcc:_eve?=",
    };

    g_autofree char *first = letter(names[0], "alice@example.org", "Firefox");
    is(first, "From", "\"Acme  Bcc: eve@example.org\" <" FROM ">");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = letter(names[i], "alice@example.org", "Firefox");
        is(text, "Bcc", NULL);
        is(text, "To", "alice@example.org");
        g_autofree char *from = header(text, "From");
        g_assert_true(g_str_has_suffix(from, " <" FROM ">"));
        g_assert_true(*from == '"' || g_str_has_prefix(from, "=?UTF-8?B?"));
        every_line_is_short_and_ends_in_cr_lf(text);
    }
}

static void M7_neither_does_an_agent(void)
{
    g_autofree char *text = letter("Acme", "alice@example.org", "Fire\r\n.\r\nBcc: eve\x1b[2J");

    is(text, "Bcc", NULL);
    g_assert_null(strstr(text, "\r\n.\r\n"));
    g_assert_null(strchr(text, '\x1b'));
    every_line_is_short_and_ends_in_cr_lf(text);
}

/* RFC 2047 2: words of 75 characters at most, lines of 76, no character cut in two. */
static void a_long_foreign_name_is_folded_between_characters(void)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (guint i = 0; i < 40; i++) {
        g_string_append(name, "日本語a");
        g_autofree char *text = letter(name->str, "alice@example.org", "");
        every_line_is_short_and_ends_in_cr_lf(text);
        g_autofree char *subject = header(text, "Subject");
        g_auto(GStrv) words = g_strsplit(subject, " ", -1);
        g_autoptr(GString) decoded = g_string_new(NULL);
        for (char **word = words; *word; word++) {
            gsize size = 0;
            g_assert_true(g_str_has_prefix(*word, "=?UTF-8?B?"));
            g_assert_true(g_str_has_suffix(*word, "?="));
            g_autofree char *inner = g_strndup(*word + 10, strlen(*word) - 12);
            g_autofree guchar *bytes = g_base64_decode(inner, &size);
            g_assert_true(g_utf8_validate((const char *)bytes, (gssize)size, NULL));
            g_string_append_len(decoded, (const char *)bytes, (gssize)size);
        }
        g_autofree char *wanted = g_strconcat(name->str, ": your link to sign in", NULL);
        g_assert_cmpstr(decoded->str, ==, wanted);
    }
}

static void a_foreign_address_stands_as_it_is(void)
{
    g_autofree char *text = letter("Acme", "jos\xc3\xa9@example.org", "");

    is(text, "To", "jos\xc3\xa9@example.org");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/jobs/mail-message/" #promise, promise)
    TEST(a_plain_letter_has_plain_headers);
    TEST(M7_a_name_makes_no_header);
    TEST(M7_neither_does_an_agent);
    TEST(a_long_foreign_name_is_folded_between_characters);
    TEST(a_foreign_address_stands_as_it_is);
    return g_test_run();
}
