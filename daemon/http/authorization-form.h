/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* authorization-form.h - the parameters of an authorization request, from a query or a body */

#include "core/authorization.h"
#include "http/exchange.h"

/**
 * authorization_form_read() - all of them, an id_token_hint verified
 * @value: exchange_query or exchange_form
 *
 * A request object is not read: that there is one is told (RFC 9101 is refused).
 */
void authorization_form_read(
    Exchange *exchange,
    const char *(*value)(Exchange *exchange, const char *name),
    AuthorizationParameters *ret_parameters);
