/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/form-post.h"

#include "base/catalog.h"
#include "core/app.h"
#include "http/page.h"

#define PRESS "document.forms[0].submit()"

void form_post_reply(
    Exchange *exchange,
    const char *redirect_uri,
    const RedirectParameter *parameters)
{
    g_autofree char *target = redirect_uri_target(redirect_uri);
    Values *values = page_values(exchange, N_("Back to the app"));

    values_set(values, "target", target);
    values_set_redirect_uri(values, "action", redirect_uri);
    values_set_list(values, "parameters");
    for (gsize i = 0; parameters[i].name != NULL; i++) {
        if (parameters[i].value == NULL) {
            continue;
        }
        Values *row = values_add_row(values, "parameters");
        values_set(row, "name", parameters[i].name);
        values_set(row, "value", parameters[i].value);
    }
    exchange_form_may_end_at(exchange, redirect_uri);
    page_reply_pressed(exchange, "form-post", values, PRESS);
}
