/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/token.h"

#include "base/text.h"

#include <string.h>

static MacKey key;
static const Token given = {{{2, 3}}, {4, 5}};

static void assert_refused(const MacKey *under, TokenKind kind, const char *text)
{
    Token token = {{{9}}, {9}};
    const Token untouched = token;

    g_assert_false(token_from_text(under, kind, text, &token));
    g_assert_cmpmem(&token, sizeof(token), &untouched, sizeof(untouched));
}

static void each_kind_reads_its_own_text(void)
{
    for (TokenKind kind = TOKEN_USER_ACCESS; kind < _TOKEN_KIND_MAX; kind++) {
        g_autofree char *text = token_to_text(&key, kind, &given);
        Token token;

        g_assert_cmpuint(strlen(text), <=, TOKEN_TEXT_CHARS_MAX);
        g_assert_true(token_from_text(&key, kind, text, &token));
        g_assert_cmpmem(&token, sizeof(token), &given, sizeof(given));
    }
}

/* The body alone is carried over, so that the tag refuses and not the prefix. */
static void no_kind_reads_the_body_of_another(void)
{
    g_autofree char *session = token_to_text(&key, TOKEN_SESSION, &given);

    for (TokenKind kind = TOKEN_USER_ACCESS; kind < _TOKEN_KIND_MAX; kind++) {
        g_autofree char *own = token_to_text(&key, kind, &given);
        gsize prefix = strlen(own) - strlen(session);
        own[prefix] = '\0';
        g_autofree char *carried = g_strconcat(own, session, NULL);
        if (kind != TOKEN_SESSION) {
            assert_refused(&key, kind, carried);
        }
    }
}

static void another_tenants_key_gives_no_token_here(void)
{
    MacKey other;
    mac_key_init(&other, (const guint8[32]){2});
    g_autofree char *text = token_to_text(&other, TOKEN_REFRESH, &given);

    assert_refused(&key, TOKEN_REFRESH, text);
}

static void a_made_up_token_is_refused(void)
{
    guint8 body[48] = {0};
    g_autofree char *text = base64url_encode(body, sizeof(body));
    g_autofree char *prefixed = g_strconcat("urt_", text, NULL);

    assert_refused(&key, TOKEN_REFRESH, prefixed);
    assert_refused(&key, TOKEN_REFRESH, text);
    assert_refused(&key, TOKEN_REFRESH, "");
    assert_refused(&key, TOKEN_REFRESH, NULL);
}

static void a_token_cut_anywhere_or_lengthened_is_refused(void)
{
    g_autofree char *text = token_to_text(&key, TOKEN_USER_ACCESS, &given);
    g_autofree char *longer = g_strconcat(text, "A", NULL);
    g_autofree char *padded = g_strconcat(text, "=", NULL);

    assert_refused(&key, TOKEN_USER_ACCESS, longer);
    assert_refused(&key, TOKEN_USER_ACCESS, padded);
    for (gsize chars = strlen(text); chars > 0; chars--) {
        text[chars - 1] = '\0';
        assert_refused(&key, TOKEN_USER_ACCESS, text);
    }
}

static void no_character_of_a_token_can_change(void)
{
    g_autofree char *text = token_to_text(&key, TOKEN_USER_ACCESS, &given);

    for (gsize i = 0; text[i]; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        assert_refused(&key, TOKEN_USER_ACCESS, text);
        text[i] = '+';
        assert_refused(&key, TOKEN_USER_ACCESS, text);
        text[i] = kept;
    }
}

static void the_store_knows_a_secret_by_its_hash(void)
{
    Token other = given;
    guint8 hash[SHA256_BYTES];

    token_hash(&given, hash);
    g_assert_true(token_matches(&given, hash));
    other.secret[TOKEN_SECRET_BYTES - 1] ^= 1;
    g_assert_false(token_matches(&other, hash));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mac_key_init(&key, (const guint8[32]){1});
    g_test_add_func("/crypto/token/own-kind", each_kind_reads_its_own_text);
    g_test_add_func("/crypto/token/other-kind", no_kind_reads_the_body_of_another);
    g_test_add_func("/crypto/token/other-tenant", another_tenants_key_gives_no_token_here);
    g_test_add_func("/crypto/token/made-up", a_made_up_token_is_refused);
    g_test_add_func("/crypto/token/cut", a_token_cut_anywhere_or_lengthened_is_refused);
    g_test_add_func("/crypto/token/changed", no_character_of_a_token_can_change);
    g_test_add_func("/crypto/token/hash", the_store_knows_a_secret_by_its_hash);
    return g_test_run();
}
