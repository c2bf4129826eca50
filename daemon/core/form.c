/* SPDX-License-Identifier: GPL-3.0-or-later */

/* form.c - form tokens: what a page of ours carries, and no page of another site can know */

#include "base/text.h"
#include "core/session.h"
#include "crypto/token.h"

#include <string.h>

#define FORM_LABEL "antara form" /* the key seals requests too: no two uses can meet */

typedef enum FormOwner { FORM_OF_STRANGER, FORM_OF_BROWSER, FORM_OF_SESSION } FormOwner;

static char *form_token(Txn *txn, FormOwner owner, const Id *id)
{
    const guint8 kind = (guint8)owner;
    const Piece pieces[] = {{FORM_LABEL, sizeof(FORM_LABEL)}, {&kind, 1}, {id->bytes, ID_BYTES}};
    guint8 mac[SHA256_BYTES];

    mac_make(txn_mac(txn, KEY_FORM), pieces, G_N_ELEMENTS(pieces), mac);
    return base64url_encode(mac, sizeof(mac));
}

char *browser_form_token(Txn *txn, const char *browser)
{
    Token token;

    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_BROWSER, browser, &token)) {
        return form_token(txn, FORM_OF_STRANGER, &ID_NONE);
    }
    return form_token(txn, FORM_OF_BROWSER, &token.handle);
}

char *session_form_token(Txn *txn, const Caller *caller)
{
    return caller->session ? form_token(txn, FORM_OF_SESSION, &caller->session->id)
                           : browser_form_token(txn, caller->browser);
}

static gboolean texts_match(const char *right, const char *sent)
{
    return sent && strlen(sent) == strlen(right) && secret_equal(right, sent, strlen(right));
}

gboolean session_form_token_matches(Txn *txn, const Caller *caller, const char *token)
{
    g_autofree char *right = session_form_token(txn, caller);

    return texts_match(right, token);
}

gboolean browser_form_token_matches(Txn *txn, const char *browser, const char *token)
{
    g_autofree char *right = browser_form_token(txn, browser);

    return texts_match(right, token);
}
