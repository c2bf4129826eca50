/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * soft-limit.h - how much anybody may ask for at all: in memory, for all traffic, approximate
 *
 * GCRA for each client address and class of routes; of IPv6 for the /64, and for the /48 at sixteen
 * times as much. Nothing is read or written outside of one table of fixed size. When it is full of
 * clients, the one that has spent least is forgotten: so a flood from very many addresses makes it
 * let more through, and never refuses anybody for what others did. Thread safe.
 */

#include "base/config.h"

#define SOFT_BUDGETS_MAX 16384U /* that are remembered: 256 KiB */

typedef enum SoftClass {
    SOFT_PAGES = 1, /* for people, and what is not there */
    SOFT_API,
    SOFT_PUBLIC,     /* documents that need no caller */
    SOFT_HANDSHAKES, /* connections under TLS: each costs as much as many requests */
} SoftClass;

typedef struct SoftLimit SoftLimit;

SoftLimit *soft_limit_new(void); /* 3000/60 */
void soft_limit_free(SoftLimit *limit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SoftLimit, soft_limit_free)

/* Before any request. @count at once and then as many in each @seconds; both at least 1. */
void soft_limit_set(SoftLimit *limit, guint count, guint seconds);

/* Reads COUNT/SECONDS into the SoftLimit * at @offset: 10 to 1000000, and 1 to 3600 s. */
gboolean
config_read_soft_limit(const ConfigValue *value, gpointer target, gsize offset, GError **error);

/**
 * soft_limit_take() - one more request of a client
 * @address: canonical text; what is no address (a unix socket's peer) is one client
 * @now_usec: of a clock that never steps back
 *
 * Returns: 0, or the seconds after which it would be let through.
 */
guint soft_limit_take(SoftLimit *limit, const char *address, SoftClass class, gint64 now_usec);
