/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/soft-limit.h"

#include "base/error.h"
#include "base/lock.h"
#include "crypto/random.h"

#include <arpa/inet.h>
#include <string.h>

#define WAYS          4U /* places where one budget may stand */
#define SETS          (SOFT_BUDGETS_MAX / WAYS)
#define LOCKS         64U
#define COUNT_DEFAULT 3000U
#define SECONDS       60U
#define COUNT_MIN     10U /* a page with its style sheet and icon is three */
#define COUNT_MAX     1000000U
#define SECONDS_MAX   3600U
#define SITE_TIMES    16U /* a /48 against a /64 */
#define SITE_BYTES    6U
#define NET_BYTES     8U

typedef struct Place {
    guint64 tag; /* 0: free */
    gint64 full_usec;
} Place;

struct SoftLimit {
    guint count;
    guint seconds;
    guint64 keys[2]; /* so that nobody can choose whom to stand beside */
    Lock locks[LOCKS];
    Place places[SETS][WAYS];
};

SoftLimit *soft_limit_new(void)
{
    SoftLimit *limit = g_new0(SoftLimit, 1);

    soft_limit_set(limit, COUNT_DEFAULT, SECONDS);
    random_fill(limit->keys, sizeof(limit->keys));
    for (guint i = 0; i < LOCKS; i++) {
        g_assert(pthread_mutex_init(&limit->locks[i], NULL) == 0);
    }
    return limit;
}

void soft_limit_free(SoftLimit *limit)
{
    for (guint i = 0; limit && i < LOCKS; i++) {
        (void)pthread_mutex_destroy(&limit->locks[i]);
    }
    g_free(limit);
}

void soft_limit_set(SoftLimit *limit, guint count, guint seconds)
{
    limit->count = count;
    limit->seconds = seconds;
}

gboolean
config_read_soft_limit(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    SoftLimit *limit = *(SoftLimit **)((guint8 *)target + offset);
    g_auto(GStrv) parts = g_strsplit(value->text, "/", -1);
    guint64 count = 0;
    guint64 seconds = 0;

    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[0], 10, COUNT_MIN, COUNT_MAX, &count, NULL) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 1, SECONDS_MAX, &seconds, NULL)) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
            "this is COUNT/SECONDS: %u to %u requests in 1 to %u seconds", COUNT_MIN, COUNT_MAX,
            SECONDS_MAX);
        return FALSE;
    }
    soft_limit_set(limit, (guint)count, (guint)seconds);
    return TRUE;
}

/* Multiplies to 128 bits and folds: each bit of both reaches all of the result. */
static guint64 mix(guint64 a, guint64 b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (guint64)product ^ (guint64)(product >> 64);
}

static guint64 tag_of(const SoftLimit *limit, const guint8 bytes[16], guint32 use)
{
    guint64 words[2];

    memcpy(words, bytes, sizeof(words));
    guint64 hash = mix(words[0] ^ limit->keys[0], words[1] ^ limit->keys[1]);
    return MAX(mix(hash ^ use, limit->keys[0] ^ limit->keys[1]), 1);
}

/* That of the tag, or else the one that has spent least, which is forgotten. */
static Place *place_find(Place *set, guint64 tag, gint64 now_usec)
{
    Place *least = &set[0];

    for (guint i = 0; i < WAYS; i++) {
        if (set[i].tag == tag) {
            return &set[i];
        }
        if (set[i].full_usec < least->full_usec) {
            least = &set[i];
        }
    }
    *least = (Place){tag, now_usec};
    return least;
}

/* GCRA, as core/limit.c does it; returns how long to wait. */
static gint64 take(SoftLimit *limit, guint64 tag, guint times, gint64 now_usec)
{
    gint64 step = MAX((gint64)limit->seconds * G_USEC_PER_SEC / ((gint64)limit->count * times), 1);
    gint64 ahead = step * limit->count * times;
    gsize number = tag % SETS;

    LOCKED(&limit->locks[number % LOCKS]);
    Place *place = place_find(limit->places[number], tag, now_usec);
    gint64 full = MAX(place->full_usec, now_usec) + step;
    if (full - now_usec > ahead) {
        return full - now_usec - ahead;
    }
    place->full_usec = full;
    return 0;
}

guint soft_limit_take(SoftLimit *limit, const char *address, SoftClass class, gint64 now_usec)
{
    guint8 bytes[16] = {0};
    gint64 wait = 0;

    if (inet_pton(AF_INET6, address, bytes) == 1) {
        memset(bytes + NET_BYTES, 0, sizeof(bytes) - NET_BYTES);
        wait = take(limit, tag_of(limit, bytes, class | NET_BYTES << 8), 1, now_usec);
        memset(bytes + SITE_BYTES, 0, sizeof(bytes) - SITE_BYTES);
        wait =
            wait ? wait
                 : take(limit, tag_of(limit, bytes, class | SITE_BYTES << 8), SITE_TIMES, now_usec);
    } else {
        (void)inet_pton(AF_INET, address, bytes);
        wait = take(limit, tag_of(limit, bytes, class), 1, now_usec);
    }
    return (guint)((wait + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}
