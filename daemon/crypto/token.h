/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * token.h - opaque tokens: a prefix and base64url of handle, secret and tag
 *
 * The tag is HMAC-SHA256 under the tenant's token key over kind, handle and secret, cut to 16
 * bytes: a made-up token is refused without a read, and a spent one is told from it without storing
 * any.
 */

#include "base/id.h"
#include "crypto/digest.h"

#define TOKEN_SECRET_BYTES   16U
#define TOKEN_TAG_BYTES      16U
#define TOKEN_TEXT_CHARS_MAX 80U

typedef enum TokenKind {
    TOKEN_USER_ACCESS = 1, /* uat_ */
    TOKEN_REFRESH,         /* urt_ */
    TOKEN_APP_ACCESS,      /* aat_ */
    TOKEN_API_KEY,         /* antara_live_ */
    TOKEN_HOST_KEY,        /* ahk_ */
    TOKEN_ONE_TIME,        /* aot_ */
    TOKEN_CODE,            /* aac_ authorization code */
    TOKEN_DEVICE,          /* adc_ device code */
    TOKEN_SESSION,         /* cookie of a session, no prefix */
    TOKEN_BROWSER,         /* cookie of a browser that asked for a link, no prefix */
    TOKEN_LINK,            /* in a mailed link, no prefix */
    _TOKEN_KIND_MAX,
} TokenKind;

typedef struct Token {
    Id handle;
    guint8 secret[TOKEN_SECRET_BYTES];
} Token;

/* Draws a secret for @handle. */
void token_draw(const Id *handle, Token *ret_token);

/* The one that follows @spent, always the same: HMAC-SHA256 under the tenant's KEY_TOKEN over
 * handle and secret, cut to a secret's size. A tag's input is longer, so neither tells of the
 * other. */
void token_successor(const MacKey *key, const Token *spent, Token *ret_next);

/* The text with its tag; (transfer full). @key: the tenant's KEY_TOKEN. */
char *token_to_text(const MacKey *key, TokenKind kind, const Token *token);

/**
 * token_from_text() - read a token
 * @text: untrusted, may be NULL
 *
 * Returns: FALSE unless it is a token of this kind that this tenant once gave.
 */
gboolean token_from_text(const MacKey *key, TokenKind kind, const char *text, Token *ret_token);

/* What the store keeps: SHA-256 of the secret. */
void token_hash(const Token *token, guint8 ret_hash[SHA256_BYTES]);

/* Constant time. */
gboolean token_matches(const Token *token, const guint8 hash[SHA256_BYTES]);
