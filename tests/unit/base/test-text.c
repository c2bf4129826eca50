/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/text.h"

#include <string.h>

/* RFC 4648 section 10, without padding */
static const struct {
    const char *plain;
    const char *encoded;
} spellings[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"},
};

static void base64url_as_rfc_4648_prints_it(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        gsize size = strlen(spellings[i].plain);
        g_autofree char *encoded = base64url_encode(spellings[i].plain, size);
        guint8 decoded[8];
        gsize decoded_size = 99;

        g_assert_cmpstr(encoded, ==, spellings[i].encoded);
        g_assert_true(
            base64url_decode(encoded, strlen(encoded), decoded, sizeof(decoded), &decoded_size));
        g_assert_cmpmem(decoded, decoded_size, spellings[i].plain, size);
    }
}

/* "Zh" and "Zm9" end in left-over bits that are not zero; "Z" holds no byte */
static void each_value_has_one_spelling(void)
{
    static const char *const others[] = {"Zg==", "Zh", "Zm9",  "Z",    "Zm9vY",
                                         "Zm+v", "Z/", "Zm 8", "Zg\n", "Zm9v\xc3\xa4"};
    guint8 decoded[8];
    gsize size = 99;

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_assert_false(
            base64url_decode(others[i], strlen(others[i]), decoded, sizeof(decoded), &size));
        g_assert_cmpuint(size, ==, 99);
    }
    g_assert_false(base64url_decode("Zg\0A", 4, decoded, sizeof(decoded), &size));
    g_assert_false(base64url_decode("Zm9v", 4, decoded, 2, &size));
}

static void foreign_text_is_one_printable_line(void)
{
    static const char *const rows[][2] = {
        {"plain ä", "plain ä"},         {"a\r\nb", "a\\x0d\\x0ab"},      {"\x1b[2J", "\\x1b[2J"},
        {"\xff\xc3", "\\xff\\xc3"},     {"\u202eevil", "\\u{202e}evil"}, {"\u2028", "\\u{2028}"},
        {"12345678901", "1234567890…"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *line = text_for_people(rows[i][0], 10);
        g_assert_cmpstr(line, ==, rows[i][1]);
        g_assert_true(text_is_plain(line));
    }
    g_autofree char *none = text_for_people(NULL, 10);
    g_assert_cmpstr(none, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/text/base64url", base64url_as_rfc_4648_prints_it);
    g_test_add_func("/base/text/one-spelling", each_value_has_one_spelling);
    g_test_add_func("/base/text/for-people", foreign_text_is_one_printable_line);
    return g_test_run();
}
