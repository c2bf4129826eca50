/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* keys.h - for tests of known keys: a host whose sshd knows a key for an hour after an approval */

#include "core/known-key.h"

#include "host.h"

#define LASTS_SECONDS 3600U
#define LASTS_USEC    (LASTS_SECONDS * USEC_PER_SEC)
#define KEY                                                                                        \
    "publickey ssh-ed25519 "                                                                       \
    "AAAAC3NzaC1lZDI1NTE5AAAAIE1PEIBCJCrTikEAlV52Al072BdBmPsfpByADgplwuKh\n"
#define OTHER_KEY                                                                                  \
    "publickey ssh-ed25519 "                                                                       \
    "AAAAC3NzaC1lZDI1NTE5AAAAIE1PEIBCJCrTikEAlV52Al072BdBmPsfpByADgplwuKi\n"

/* Of sshd; the host's next conversations come with KEY. Owned by the configuration. */
ServicePolicy *keys_host(Host *host);
/* Signed in just now. */
void keys_fresh(Host *host, Caller *caller);
/* A sign-in that the page approves. */
void keys_approve(Host *host, Caller *caller, const char *user);
/* Whether the next sign-in is let in without being asked; four minutes go by. */
gboolean keys_let_in(Host *host, const char *user);
/* (transfer full): what the dashboard shows. */
GPtrArray *keys_rows(Host *host, const Caller *caller);
guint keys_count(Host *host, const Caller *caller);
