/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* event-source.h - an sd_event loop as one GSource, so that sd-bus lives in a GLib main loop */

#include <glib.h>
#include <systemd/sd-event.h>

/* (transfer full): not attached yet; holds a reference to @event. */
GSource *event_source_new(sd_event *event);
