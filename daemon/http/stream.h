/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* stream.h - a wire as a GIOStream, which libsoup serves */

#include "http/wire.h"

#include <libsoup/soup.h>

#define HTTP_TYPE_STREAM (http_stream_get_type())
G_DECLARE_FINAL_TYPE(HttpStream, http_stream, HTTP, STREAM, GIOStream)

/* Gives @wire to @soup as a stream, with the addresses that it came from and to. */
void http_stream_serve(Wire *wire, SoupServer *soup);
