/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fuzz-token.c - base64url has one spelling for each value, a token one text; all else is refused
 */

#include "base/text.h"
#include "crypto/token.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MacKey key;
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree guint8 *bytes = g_malloc(size + 1);
    gsize decoded = 0;
    Token token;

    mac_key_init(&key, (const guint8[32]){1});
    if (base64url_decode((const char *)data, size, bytes, size, &decoded)) {
        g_autofree char *again = base64url_encode(bytes, decoded);
        g_assert_cmpmem(again, strlen(again), data, size);
    }
    for (TokenKind kind = TOKEN_USER_ACCESS; kind < _TOKEN_KIND_MAX; kind++) {
        if (token_from_text(&key, kind, text, &token)) {
            g_autofree char *again = token_to_text(&key, kind, &token);
            g_assert_cmpstr(again, ==, text);
        }
    }
    return 0;
}
