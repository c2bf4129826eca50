/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* receiver.h - tests/receiver.py as a child: an HTTPS server on loopback that answers as its path
 * says, with a CA of its own in a directory of its own */

#include <gio/gio.h>

typedef struct Receiver {
    char *folder, *ca;
    GSubprocess *process;
    guint port;
    guint mute_port; /* takes connections, and never answers a handshake */
} Receiver;

void receiver_start(Receiver *receiver);
void receiver_stop(Receiver *receiver);
