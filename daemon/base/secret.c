/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SECRET_BYTES_MAX 4096U
#define STACK_BYTES      65536U

static gint unlocked; /* atomic: one could not be locked */
static SecretNotLocked not_locked;

/* Each secret has pages of its own: there are a few dozen, and a page can be locked, kept out of
 * dumps and given back whole. */
struct Secret {
    gint references;
    gsize size;
    gsize mapped;
    guint8 *data;
};

Secret *secret_new(gsize size)
{
    g_assert(size > 0 && size <= SECRET_BYTES_MAX);

    gsize page = (gsize)sysconf(_SC_PAGESIZE);
    gsize mapped = (size + page - 1) / page * page;
    void *data = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_assert(data != MAP_FAILED);
    /* A small RLIMIT_MEMLOCK is no reason not to serve: the pages may then be swapped, never
     * dumped. */
    if (mlock(data, mapped) < 0 && g_atomic_int_compare_and_exchange(&unlocked, 0, 1) &&
        not_locked) {
        not_locked();
    }
    (void)madvise(data, mapped, MADV_DONTDUMP);
    (void)madvise(data, mapped, MADV_WIPEONFORK);

    Secret *secret = g_new0(Secret, 1);
    *secret = (Secret){.references = 1, .size = size, .mapped = mapped, .data = data};
    return secret;
}

void secret_watch_locks(SecretNotLocked told)
{
    not_locked = told;
    if (g_atomic_int_get(&unlocked)) {
        told();
    }
}

Secret *secret_new_copy(const void *data, gsize size)
{
    Secret *secret = secret_new(size);

    memcpy(secret->data, data, size);
    return secret;
}

Secret *secret_ref(Secret *secret)
{
    g_atomic_int_inc(&secret->references);
    return secret;
}

void secret_unref(Secret *secret)
{
    if (!secret || !g_atomic_int_dec_and_test(&secret->references)) {
        return;
    }
    secret_wipe(secret->data, secret->mapped);
    (void)munmap(secret->data, secret->mapped);
    g_free(secret);
}

guint8 *secret_data(Secret *secret)
{
    return secret->data;
}

const guint8 *secret_peek(const Secret *secret)
{
    return secret->data;
}

gsize secret_size(const Secret *secret)
{
    return secret->size;
}

void secret_wipe(void *data, gsize size)
{
    explicit_bzero(data, size);
}

/* Inlined, its frame would be the caller's, and end above what is to be wiped. */
__attribute__((noinline)) void secret_wipe_stack(void)
{
    guint8 below[STACK_BYTES];

    explicit_bzero(below, sizeof(below));
}

void secret_text_free(char *text)
{
    if (text) {
        secret_wipe(text, strlen(text));
        g_free(text);
    }
}

void secret_process_hide(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0);
}
