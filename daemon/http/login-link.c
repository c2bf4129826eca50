/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/login-link.h"

Values *login_link_values(
    Exchange *exchange,
    const char *title,
    const LoginLookAnswer *answer,
    const char *link)
{
    Values *values = page_values(exchange, title);

    values_set(values, "email", answer->email);
    values_set(values, "address", answer->address);
    page_set_time(values, "born", answer->born_usec);
    values_set(values, "form_token", answer->form_token);
    values_set(values, "link", link);
    return values;
}

gboolean login_link_read(Exchange *exchange, const char **ret_link, const char **ret_form_token)
{
    *ret_link = exchange_form(exchange, "link");
    *ret_form_token = exchange_form(exchange, "form_token");
    if (exchange_double(exchange) != NULL || *ret_link == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return FALSE;
    }
    return TRUE;
}
