/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * serve.h - the way of a method call: read, identify, admit, authorize, act, wait, reply
 *
 * A method is a row. serve alone keeps the message over polkit's answer and over the point; a row
 * has neither. Nothing before the act changes anything. The subject of polkit is the caller's
 * unique bus name. A caller that vanishes costs nothing: its reply goes nowhere.
 */

#include "bus/server.h"
#include "core/provider.h"

#include <systemd/sd-bus.h>

#define BUS_TEXT_BYTES_MAX 2048U /* longest argument, unless its reader says less */
#define BUS_TEXTS_MAX      64U   /* longest array of texts */

/* A bus waits for 128 answers to one connection, and each call may be a question to polkit: so
 * others leave root some of ours. */
#define BUS_CALLS_MAX        96U /* under way, in all; root is not counted */
#define BUS_CALLS_UID_MAX    32U /* of one user */
#define BUS_CALLS_SENDER_MAX 16U /* of one connection */

typedef struct BusCall BusCall;
typedef struct BusMethod BusMethod;

/* What a vtable's user data points to: the first member of whatever the object is. */
typedef struct BusObject {
    BusServer *server;
    const BusMethod *methods; /* ended by a NULL member */
    const Provider *provider; /* who is asked the acts; NULL: this daemon itself */
} BusObject;

/**
 * BusMethod - one row
 * @in, @out: signatures
 * @names: of all arguments, then of all results, each ended by a NUL ("tenant\0name\0client_id\0")
 * @action: polkit action, or NULL: anybody may
 * @admit: (nullable): FALSE answers AccessDenied; call->caller.uid is known then
 * @act: NULL: replies at once, with a NULL answer
 * @asked_size: of the XAsked, whose first member is `const Caller *caller`; set by serve
 * @read: fills asked from call->message; FALSE with an error answers InvalidArgs. It must set
 *        call->caller.tenant (bus_read_tenant) when there is an act
 * @look: (nullable): looks up, once the caller is authorized, what the act can't: no stranger makes
 *        us ask NSS. FALSE with an error answers InvalidArgs
 * @start: (nullable): what is no act: begins work on the store, once the caller is authorized.
 * FALSE with an error answers Failed
 * @reply: (nullable): GRANTED: appends the results; negative errno on failure
 * @denied: (nullable): DENIED: the same, in place of the reason's bus error
 * @pending: (nullable): PENDING: TRUE keeps the call, until bus_call_again() or bus_call_refuse();
 *           call->gone tells when it is dropped instead
 * @waits: (nullable): PENDING that is not kept: appends the results
 * @sent: (nullable): the answer of its act, whatever it was, has left; what is asked only now can't
 *        change it
 * @problem: (nullable): better words than the reason's own; NULL: none
 */
struct BusMethod {
    const char *member;
    const char *in, *out, *names;
    const char *action;
    gboolean (*admit)(BusCall *call);
    const ActType *act;
    gsize asked_size;
    gboolean (*read)(BusCall *call, gpointer asked, GError **error);
    gboolean (*look)(BusCall *call, gpointer asked, GError **error);
    gboolean (*start)(BusCall *call, GError **error);
    int (*reply)(BusCall *call, gpointer answer, sd_bus_message *reply);
    int (*denied)(BusCall *call, gpointer answer, sd_bus_message *reply);
    gboolean (*pending)(BusCall *call, gpointer answer);
    int (*waits)(BusCall *call, gpointer answer, sd_bus_message *reply);
    void (*sent)(BusCall *call);
    const char *(*problem)(gconstpointer answer);
};

struct BusCall {
    BusObject *object;
    const BusMethod *method;
    sd_bus_message *message;
    Caller caller;       /* kind CALLER_BUS; uid by the bus's word once identified */
    gpointer asked;      /* lives as long as the call */
    GPtrArray *owned;    /* bus_call_own() */
    gpointer data;       /* of the row's file */
    GDestroyNotify gone; /* (nullable): called with data when the call ends, however it does */
    /* of serve */
    RunCall run;
    sd_bus_slot *slot;     /* what is asked of the bus or of polkit */
    sd_bus_message *reply; /* made, waits for its point */
    gboolean under_way;    /* the runner or the queue of held answers has it */
    gboolean dropped;
    GList link;
};

/*
 * One file of bus/ that puts objects on the bus. server.c has the table of them; what new() gives
 * is handed to the others.
 */
typedef struct BusPart {
    gpointer (*new)(BusServer *server);
    int (*export)(gpointer part, sd_bus *bus); /* at each connection anew; negative errno */
    void (*lost)(gpointer part); /* (nullable): the connection is gone; drop slots and tracks */
    void (*heard)(gpointer part, const Announcement *announcement); /* (nullable) */
    void (*free)(gpointer part);
} BusPart;

/* Of server.c, for the files of bus/. */
sd_bus *bus_server_bus(const BusServer *server); /* NULL while there is no connection */
Runner *bus_server_runner(const BusServer *server);
const BusStatus *bus_server_status(const BusServer *server);
GQueue *bus_server_calls(BusServer *server); /* of BusCall */
/* What @part's new() gave. */
gpointer bus_server_part(const BusServer *server, const BusPart *part);

/* For vtables: (transfer full), g_free(). @rest: properties and signals, ended by a row of zero
 * type (no START, no END), or NULL. */
sd_bus_vtable *bus_vtable_new(const BusMethod *methods, const sd_bus_vtable *rest);

/* (transfer full), g_free(): the rows of several groups, each ended by a NULL member, as one. */
BusMethod *bus_methods_join(const BusMethod *const *groups, gsize n_groups);

/* Runs the act of a call that its row kept, once more. */
void bus_call_again(BusCall *call);
/* Ends a call that its row kept. */
void bus_call_refuse(BusCall *call, Reason reason);
/* Frees @thing, by g_free(), with the call; returns it. */
gpointer bus_call_own(BusCall *call, gpointer thing);

/* Drops all calls of a server: the connection is gone. */
void bus_calls_drop(BusServer *server);

/* Readers; each takes one argument off the message. Texts live as long as the call. */
gboolean bus_read_text(BusCall *call, gsize bytes_max, const char **ret_text, GError **error);
gboolean bus_read_texts(BusCall *call, const char *const **ret_texts, GError **error);
/* The same, where none named means all: NULL. */
gboolean bus_read_named(BusCall *call, const char *const **ret_names, GError **error);
gboolean bus_read_id(BusCall *call, const Id **ret_id, GError **error);
/* Sets caller.tenant: "" is the only one. */
gboolean bus_read_tenant(BusCall *call, GError **error);
/* Sets caller.tenant: "" is this host's, and no other is taken. */
gboolean bus_read_host_tenant(BusCall *call, GError **error);
