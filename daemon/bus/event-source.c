/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/event-source.h"

typedef struct EventSource {
    GSource source;
    GPollFD fd;
    sd_event *event;
} EventSource;

static gboolean source_prepare(GSource *source, int *timeout)
{
    *timeout = -1;
    return sd_event_prepare(((EventSource *)source)->event) > 0;
}

/* Waits whatever poll said: sd_event_prepare() has armed the loop, and only a wait disarms it. */
static gboolean source_check(GSource *source)
{
    return sd_event_wait(((EventSource *)source)->event, 0) > 0;
}

/* A source that failed has been switched off by sd-event itself; the loop goes on. */
static gboolean
source_dispatch(GSource *source, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
    (void)sd_event_dispatch(((EventSource *)source)->event);
    return G_SOURCE_CONTINUE;
}

static void source_finalize(GSource *source)
{
    sd_event_unref(((EventSource *)source)->event);
}

GSource *event_source_new(sd_event *event)
{
    static GSourceFuncs funcs = {
        .prepare = source_prepare,
        .check = source_check,
        .dispatch = source_dispatch,
        .finalize = source_finalize};
    GSource *source = g_source_new(&funcs, sizeof(EventSource));
    EventSource *self = (EventSource *)source;

    self->event = sd_event_ref(event);
    self->fd = (GPollFD){sd_event_get_fd(event), G_IO_IN | G_IO_HUP | G_IO_ERR, 0};
    g_source_add_poll(source, &self->fd);
    g_source_set_static_name(source, "bus");
    return source;
}
