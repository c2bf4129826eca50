/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* people.h - for tests of core: an app, people who are signed in, and their way to tokens */

#include "core/authorization.h"
#include "core/chain.h"
#include "core/ending.h"
#include "core/grant.h"

#include "house.h"

#define PEOPLE_REDIRECT  "https://shop.example/back"
#define PEOPLE_VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" /* RFC 7636, appendix B */
#define PEOPLE_CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

/* The client id of a new app of the tenant; may ask for openid, profile.basic, offline_access. */
char *people_app(House *house, const Tenant *tenant, const char *name);
/* Sets what moderation would. */
void people_app_state(House *house, const char *client_id, AppState state);
/* A signed-in browser of a new account; clear with caller_clear(). */
Caller people_sign_in(House *house, const char *email);
/* The same person, in another session. */
Caller people_sign_in_again(House *house, const Caller *caller);
void people_suspend(House *house, const Caller *caller);
Reason people_resume(House *house, const Caller *caller);

/* Clears one piece of what is over; whether there was any. @place: (inout) (nullable): of an
 * account */
gboolean people_clear_one(House *house, EndingPlace *place);

/* A good request of that app. */
AuthorizationParameters people_parameters(const char *client_id);
/* Consents to @scope and takes the code. */
char *people_code(House *house, const Caller *caller, const char *client_id, const char *scope);
/* Redeems; clear the answer with token_answer_clear(). */
Outcome people_redeem(
    House *house,
    const char *client_id,
    const char *code,
    const char *verifier,
    TokenAnswer *ret_answer);
/* Code and tokens in one; fails the test when they are refused. */
void people_tokens(
    House *house,
    const Caller *caller,
    const char *client_id,
    const char *scope,
    TokenAnswer *ret_answer);
Outcome people_refresh(
    House *house,
    const char *client_id,
    const char *token,
    const char *scope,
    TokenAnswer *ret_answer);
/* Whether an access token is good. */
gboolean people_access(House *house, const char *token);
