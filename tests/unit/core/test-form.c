/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-form.c - form tokens: each belongs to one session, or one browser, or to strangers */

#include "core/session.h"

#include "crypto/token.h"
#include "people.h"

#include <string.h>

static char *browser_cookie(Txn *txn, const Id *handle)
{
    Token token;

    token_draw(handle, &token);
    return token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_BROWSER, &token);
}

static void a_token_is_its_browsers_alone(void)
{
    const Id here = {{1}};
    const Id there = {{2}};
    g_autoptr(House) house = house_new();
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autofree char *cookie = browser_cookie(txn, &here);
    g_autofree char *other = browser_cookie(txn, &there);
    g_autofree char *token = browser_form_token(txn, cookie);
    g_autofree char *longer = g_strconcat(token, "A", NULL);
    g_autofree char *shorter = g_strndup(token, strlen(token) - 1);

    g_assert_true(browser_form_token_matches(txn, cookie, token));
    g_assert_false(browser_form_token_matches(txn, other, token));
    g_assert_false(browser_form_token_matches(txn, NULL, token));
    g_assert_false(browser_form_token_matches(txn, cookie, NULL));
    g_assert_false(browser_form_token_matches(txn, cookie, ""));
    g_assert_false(browser_form_token_matches(txn, cookie, longer));
    g_assert_false(browser_form_token_matches(txn, cookie, shorter));
}

static void a_made_up_cookie_is_a_strangers(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autofree char *strangers = browser_form_token(txn, NULL);
    g_autofree char *made_up = browser_form_token(txn, "made-up");

    g_assert_cmpstr(strangers, ==, made_up);
}

static void a_sessions_token_is_no_browsers_and_no_other_tenants(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *token = NULL;

    {
        g_autoptr(Txn) txn = house_begin(house, house->tenant);
        g_autofree char *cookie = browser_cookie(txn, &alice.session->id);
        g_autofree char *of_browser = browser_form_token(txn, cookie);
        token = session_form_token(txn, &alice);
        g_assert_true(session_form_token_matches(txn, &alice, token));
        g_assert_cmpstr(token, !=, of_browser); /* of the same id */
        g_assert_false(session_form_token_matches(txn, &alice, of_browser));
    }
    g_autoptr(Txn) elsewhere = house_begin(house, house->other);
    g_assert_false(session_form_token_matches(elsewhere, &alice, token));
    caller_clear(&alice);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/form/" #promise, promise)
    TEST(a_token_is_its_browsers_alone);
    TEST(a_made_up_cookie_is_a_strangers);
    TEST(a_sessions_token_is_no_browsers_and_no_other_tenants);
    return g_test_run();
}
