/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* stream.h - a wire as a GIOStream, which soup_server_accept_iostream() takes */

#include "http/wire.h"

#include <gio/gio.h>

#define HTTP_TYPE_STREAM (http_stream_get_type())
G_DECLARE_FINAL_TYPE(HttpStream, http_stream, HTTP, STREAM, GIOStream)

GIOStream *http_stream_new(Wire *wire); /* refers to @wire */
