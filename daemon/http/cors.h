/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * cors.h - what scripts of other sites may read: routes whose face is FACE_SHARED, and no other
 *
 * Never with credentials: no cookie is read there, and a token is what the script itself sends. So
 * any origin may (the star), and no answer depends on which one it was.
 *
 * Source: Fetch 3.2 (CORS protocol).
 */

#include "http/route.h"

/* Whether this asks leave for such a request (a preflight); @method of the request itself, @wanted
 * and @origin of its headers, untrusted, NULL when absent. */
gboolean cors_is_preflight(const char *method, const char *origin, const char *wanted);

/* Answers a preflight for @exchange's route, which is shared; @allow: the path's methods. */
void cors_answer_preflight(Exchange *exchange, const char *allow);

/* name, value, name, value …, NULL: what an answer of this face carries when a script of another
 * site asked; empty for faces that are not shared. Static. */
const char *const *cors_headers(RouteFace face);
