/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* json.h - a body of JSON from a stranger, strictly (RFC 8259; I-JSON, RFC 7493) */

#include <glib.h>
#include <jansson.h>

#define JSON_DEPTH_MAX 16U

/**
 * json_body_parse() - read a body
 * @data: untrusted, @size bytes; the route has limited them
 *
 * Returns: (transfer full): NULL for what is no JSON object, is deeper than JSON_DEPTH_MAX, names a
 * member twice, or holds NUL, a lone surrogate or other bad UTF-8.
 */
json_t *json_body_parse(const char *data, gsize size);

/* (transfer none): a text of an object that is not empty, else NULL. */
const char *json_text_of(const json_t *object, const char *name);
