/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * approval.h - conversations of this host's services that wait for somebody, as the bus shows them
 *
 * Who calls is known by the bus's word about his uid alone: no session, no code from a screen. So a
 * person decides here about himself only, and approves only what gives his own processes no more
 * than they have; an administrator decides about everybody, but lets nobody in from elsewhere.
 */

#include "core/device.h"

typedef struct ApprovalAsked {
    const Caller *caller;
    const char *own_user; /* whose alone: the caller's own name on this host; NULL: nobody's */
    gboolean everybody;   /* an administrator, as polkit has said: whosever they are */
    gboolean privileged; /* approve: the edge looked just now: own_user is uid 0, or in sudo, wheel,
                            admin */
    const Id *id;        /* all but list; untrusted */
    const Id *ids;       /* list: of the conversations under way */
    guint n_ids;
} ApprovalAsked;

typedef struct ApprovalRow {
    Id id;
    char *service, *local_user, *asker, *terminal, *remote; /* for people */
    gboolean approved;                                      /* it waits for its prompt */
    gboolean approvable; /* here, by the caller, as far as is known before polkit is asked */
    gint64 born_usec, expires_usec;
} ApprovalRow;

typedef struct ApprovalAnswer {
    Reason reason;
    const char *problem; /* better words than the reason's own; static; NULL: none */
    GArray *rows;        /* list: of ApprovalRow */
    char *number;        /* approve: to be typed at the prompt; NULL: none is wanted */
    char *event;         /* approve, deny: id of the event, as shown */
    char *local_user;    /* news: whose it is; NULL: nothing that the bus shows */
    gboolean from_here;  /* news */
} ApprovalAnswer;

/* What waits, or is approved and waits for its prompt. */
ACT_DECLARE(approval_list, ApprovalAsked, ApprovalAnswer);

/* What is somebody else's is answered as if it did not exist. NOT_FOUND */
ACT_DECLARE(approval_deny, ApprovalAsked, ApprovalAnswer);

/**
 * approval_approve() - in the name of the one account that is linked to the local user
 *
 * Nobody has typed the code that stands on the screen, so it is the completion number that ties the
 * approval to a prompt: it is wanted unless the service's policy is "never".
 *
 * Returns: NOT_FOUND; DECIDED; ONLY_ON_PAGE with a problem: from another machine, or more than the
 * caller has, or for several accounts; SERVICE_OFF; NO_LINK.
 */
ACT_DECLARE(approval_approve, ApprovalAsked, ApprovalAnswer);

/* What a change of one is about, for whoever watches. */
ACT_DECLARE(approval_news, ApprovalAsked, ApprovalAnswer);
