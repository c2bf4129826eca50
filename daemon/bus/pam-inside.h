/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* pam-inside.h - what the files of org.antara1.Pam share */

#include "bus/pam-text.h"
#include "bus/pam.h"
#include "core/device.h"
#include "dbus/names.h"

#define PAM_TEXT_BYTES_MAX ANTARA_PAM_NAME_BYTES_MAX
#define PAM_ANSWER_NAMES                                                                           \
    "conversation\0state\0info\0prompt\0echo\0event\0timeout_seconds\0environment\0"

typedef struct Pam {
    BusObject object;
    BusMethod *methods;
    Provider provider;
    sd_bus_vtable *vtable;
    sd_bus_slot *owners;       /* of NameOwnerChanged */
    GHashTable *conversations; /* Id -> Conversation, owned */
} Pam;

/* One sign-in at a prompt; it belongs to the unique name that opened it, and dies with it. */
typedef struct Conversation {
    Id id; /* of the device */
    Pam *pam;
    char *sender;
    guint32 uid; /* its */
    char *user;
    char *origin; /* where it came from: a network, or who asked on the host itself */
    PamShape shape;
    char *rest; /* of the prompt, for who presses Enter at the short one; NULL: told already */
    gboolean rest_wanted;
    guint seconds; /* that the whole sign-in may last, counted from here */
    guint codes;   /* the sign-in's, with this one's */
    gboolean by_page;
    guint slices;
    gint64 born_usec;  /* CLOCK_MONOTONIC, as the next two */
    gint64 until_usec; /* of the whole sign-in */
    gint64 ends_usec;  /* from then on its place is free */
    gboolean slice_over;
    BusCall *waiting; /* a Wait that is kept, or NULL */
    guint timer;
} Conversation;

static inline Pam *pam_of(const BusCall *call)
{
    return (Pam *)call->object;
}

/* What every answer of a conversation says. */
typedef struct PamAnswer {
    const Conversation *conversation;
    const char *state, *info, *prompt, *event, *slug, *method;
    gboolean hidden; /* what is typed; on a line it always is */
} PamAnswer;

int pam_answer_append(const PamAnswer *answer, sd_bus_message *reply);

/* Of a refusal that no conversation has. @event: "" none */
void pam_log_refused(Reason reason, const char *event, const char *service, const char *user);

/* Sets the caller's tenant to this host's. */
gboolean pam_set_tenant(BusCall *call, GError **error);
gboolean pam_refuse(GError **error, const char *words);

/* pam-caller.c. Root may ask for everything; others about themselves by the bus's word, and only
 * for services that are unprivileged. NSS is asked about the caller alone. */
gboolean pam_may_ask(const BusCall *call, const char *service, const char *user);
/* Whether there is room for one more conversation of this caller. Root's always has: of those who
 * have the most standing the oldest gives way. */
gboolean pam_make_place(const BusCall *call, const char *user);
/* Ends one that nobody has decided: its code is dead, and its place free. */
void pam_conversation_cancel(Conversation *conversation);

/* pam-open.c: what a service's prompts look like, as far as its name tells */
PamShape pam_shape_of(const BusCall *call, const char *service);
extern const BusMethod pam_open_method;
/* pam-answer.c: Respond, Wait, Cancel */
extern const BusMethod pam_respond_method, pam_wait_method, pam_cancel_method;
/* pam-account.c */
extern const BusMethod pam_account_method;
