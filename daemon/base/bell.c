/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/bell.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct BellSource {
    GSource source;
    Bell *bell;
    gpointer tag;
} BellSource;

struct Bell {
    gint references;
    int fd;
    GSource *source; /* NULL once muted */
    BellHeard heard;
    gpointer data;
};

static gboolean source_check(GSource *source)
{
    BellSource *self = (BellSource *)source;

    return (g_source_query_unix_fd(source, self->tag) & G_IO_IN) != 0;
}

static gboolean
source_dispatch(GSource *source, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
    g_autoptr(Bell) bell = bell_ref(((BellSource *)source)->bell);
    guint64 rings = 0;

    if (read(bell->fd, &rings, sizeof(rings)) == sizeof(rings) && bell->source) {
        bell->heard(bell->data);
    }
    return G_SOURCE_CONTINUE;
}

static void source_finalize(GSource *source)
{
    bell_unref(((BellSource *)source)->bell);
}

Bell *bell_new(GMainContext *context, BellHeard heard, gpointer data)
{
    static GSourceFuncs funcs = {
        .check = source_check, .dispatch = source_dispatch, .finalize = source_finalize};
    Bell *bell = g_new0(Bell, 1);

    *bell = (Bell){
        .references = 1,
        .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .heard = heard,
        .data = data};
    g_assert(bell->fd >= 0);
    bell->source = g_source_new(&funcs, sizeof(BellSource));
    BellSource *source = (BellSource *)bell->source;
    source->bell = bell_ref(bell);
    source->tag = g_source_add_unix_fd(bell->source, bell->fd, G_IO_IN);
    g_source_set_static_name(bell->source, "bell");
    /* Else GLib takes the descriptor out for each dispatch, and wakes its own poll twice. */
    g_source_set_can_recurse(bell->source, TRUE);
    g_source_attach(bell->source, context);
    return bell;
}

Bell *bell_ref(Bell *bell)
{
    (void)__atomic_add_fetch(&bell->references, 1, __ATOMIC_RELAXED);
    return bell;
}

void bell_unref(Bell *bell)
{
    if (!bell || __atomic_sub_fetch(&bell->references, 1, __ATOMIC_ACQ_REL) > 0) {
        return;
    }
    (void)close(bell->fd);
    g_free(bell);
}

void bell_ring(Bell *bell)
{
    const guint64 one = 1;

    /* EAGAIN: 2^64 rings are waiting, so it will be heard. */
    g_assert(write(bell->fd, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN);
}

void bell_mute(Bell *bell)
{
    GSource *source = g_steal_pointer(&bell->source);

    if (source) {
        g_source_destroy(source);
        g_source_unref(source);
    }
}
