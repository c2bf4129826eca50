/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* hint.h - the id_token_hint of a request, verified with the keys that the worker has */

#include "core/id-token-hint.h"
#include "http/exchange.h"

/* @text: untrusted. NULL: it is not good. Lives as long as the exchange. */
const IdTokenHint *hint_read(Exchange *exchange, const char *text);
