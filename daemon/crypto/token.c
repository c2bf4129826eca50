/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/token.h"

#include "base/secret.h"
#include "base/text.h"
#include "crypto/random.h"

#include <string.h>

#define BODY_BYTES (ID_BYTES + TOKEN_SECRET_BYTES + TOKEN_TAG_BYTES)
#define BODY_CHARS (BODY_BYTES / 3 * 4)

G_STATIC_ASSERT(BODY_BYTES % 3 == 0);

static const char *const prefixes[_TOKEN_KIND_MAX] = {
    [TOKEN_USER_ACCESS] = "uat_",
    [TOKEN_REFRESH] = "urt_",
    [TOKEN_APP_ACCESS] = "aat_",
    [TOKEN_API_KEY] = "antara_live_",
    [TOKEN_HOST_KEY] = "ahk_",
    [TOKEN_ONE_TIME] = "aot_",
    [TOKEN_CODE] = "aac_",
    [TOKEN_DEVICE] = "adc_",
    [TOKEN_SESSION] = "",
    [TOKEN_BROWSER] = "",
    [TOKEN_LINK] = "",
};

static void
make_tag(const MacKey *key, TokenKind kind, const Token *token, guint8 ret_tag[TOKEN_TAG_BYTES])
{
    const guint8 number = (guint8)kind;
    const Piece pieces[] = {
        {&number, 1}, {token->handle.bytes, ID_BYTES}, {token->secret, TOKEN_SECRET_BYTES}};
    guint8 mac[SHA256_BYTES];

    mac_make(key, pieces, G_N_ELEMENTS(pieces), mac);
    memcpy(ret_tag, mac, TOKEN_TAG_BYTES);
}

void token_draw(const Id *handle, Token *ret_token)
{
    ret_token->handle = *handle;
    random_fill(ret_token->secret, TOKEN_SECRET_BYTES);
}

void token_successor(const MacKey *key, const Token *spent, Token *ret_next)
{
    const Piece pieces[] = {{spent->handle.bytes, ID_BYTES}, {spent->secret, TOKEN_SECRET_BYTES}};
    guint8 mac[SHA256_BYTES];

    mac_make(key, pieces, G_N_ELEMENTS(pieces), mac);
    ret_next->handle = spent->handle;
    memcpy(ret_next->secret, mac, TOKEN_SECRET_BYTES);
    secret_wipe(mac, sizeof(mac));
}

char *token_to_text(const MacKey *key, TokenKind kind, const Token *token)
{
    guint8 body[BODY_BYTES];

    memcpy(body, token->handle.bytes, ID_BYTES);
    memcpy(body + ID_BYTES, token->secret, TOKEN_SECRET_BYTES);
    make_tag(key, kind, token, body + ID_BYTES + TOKEN_SECRET_BYTES);
    g_autofree char *text = base64url_encode(body, BODY_BYTES);
    return g_strconcat(prefixes[kind], text, NULL);
}

gboolean token_from_text(const MacKey *key, TokenKind kind, const char *text, Token *ret_token)
{
    guint8 body[BODY_BYTES];
    guint8 tag[TOKEN_TAG_BYTES];
    Token token;
    gsize size = 0;

    if (!text || !g_str_has_prefix(text, prefixes[kind])) {
        return FALSE;
    }
    text += strlen(prefixes[kind]);
    if (strlen(text) != BODY_CHARS ||
        !base64url_decode(text, BODY_CHARS, body, BODY_BYTES, &size)) {
        return FALSE;
    }
    memcpy(token.handle.bytes, body, ID_BYTES);
    memcpy(token.secret, body + ID_BYTES, TOKEN_SECRET_BYTES);
    make_tag(key, kind, &token, tag);
    if (!secret_equal(tag, body + ID_BYTES + TOKEN_SECRET_BYTES, TOKEN_TAG_BYTES)) {
        return FALSE;
    }
    *ret_token = token;
    return TRUE;
}

void token_hash(const Token *token, guint8 ret_hash[SHA256_BYTES])
{
    sha256(token->secret, TOKEN_SECRET_BYTES, ret_hash);
}

gboolean token_matches(const Token *token, const guint8 hash[SHA256_BYTES])
{
    guint8 mine[SHA256_BYTES];

    token_hash(token, mine);
    return secret_equal(mine, hash, SHA256_BYTES);
}
