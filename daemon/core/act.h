/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * act.h - the shape of every act, and who calls
 *
 * An act is one function for each thing that a caller can want. It opens no transaction, so acts
 * compose; does no I/O; knows no HTTP and no D-Bus; takes the time from the transaction; may run
 * twice. Each XAsked begins with the caller, each XAnswer with the Reason.
 */

#include "base/outcome.h"
#include "base/reason.h"
#include "core/config.h"
#include "store/txn.h"

typedef enum CallerKind {
    CALLER_NONE = 0,      /* a stranger */
    CALLER_SESSION,       /* a signed-in browser; without one the run answers SIGNED_OUT */
    CALLER_SESSION_MAYBE, /* a browser, signed in or not */
    CALLER_USER_TOKEN,    /* Authorization: Bearer uat_… ; else TOKEN_INVALID */
    CALLER_APP_TOKEN,     /* Authorization: Bearer aat_… ; else TOKEN_INVALID */
    CALLER_BUS,           /* a bus client; polkit has spoken */
    CALLER_DAEMON,        /* the daemon's own jobs */
} CallerKind;

struct Session;
struct Account;
struct Chain;
struct Identity;
struct App;
struct AppToken;
struct LimitStanding;

typedef struct Caller {
    /* set by the edge */
    CallerKind kind;
    const Tenant *tenant;   /* outlives the run */
    const char *credential; /* session cookie or bearer token; untrusted; NULL: none was sent */
    const char *browser;    /* cookie of the browser that asked for a link; untrusted, NULL: none */
    const char *address;    /* of the client, canonical text; never NULL over HTTP */
    const char *agent;      /* User-Agent, untrusted, NULL: none */
    guint32 uid;            /* CALLER_BUS: the bus's word */
    struct LimitStanding *standing; /* where limits note what they took; NULL: nobody asks */
    /* set by run */
    const CoreConfig *config;
    struct Session *session; /* owned by the caller struct */
    struct Account *account;
    struct Chain *chain;       /* CALLER_USER_TOKEN */
    struct Identity *identity; /* of that chain */
    guint access_place;        /* its place in the chain's ring */
    struct App *app;           /* CALLER_APP_TOKEN */
    struct AppToken *app_token;
} Caller;

/* Frees what run has found. */
void caller_clear(Caller *caller);

typedef Outcome (*ActRun)(Txn *txn, gconstpointer asked, gpointer ret_answer, GError **error);

typedef struct ActType {
    const char *name;
    ActRun run;
    gsize answer_size;
    void (*answer_clear)(
        gpointer answer); /* frees and wipes what the answer owns; NULL: owns nothing */
} ActType;

/* In the header: declares the function and its type. */
#define ACT_DECLARE(verb, Asked, Answer)                                                           \
    Outcome verb(Txn *txn, const Asked *asked, Answer *ret_answer, GError **error);                \
    extern const ActType verb##_act

/* In the .c file. @clear: a function on gpointer, or NULL. */
#define ACT_DEFINE(verb, Asked, Answer, clear)                                                     \
    static Outcome verb##_run(Txn *txn, gconstpointer asked, gpointer answer, GError **error)      \
    {                                                                                              \
        return verb(txn, (const Asked *)asked, (Answer *)answer, error);                           \
    }                                                                                              \
    const ActType verb##_act = {#verb, verb##_run, sizeof(Answer), clear}

/* For acts that answer nothing but the reason. */
typedef struct PlainAnswer {
    Reason reason;
} PlainAnswer;
