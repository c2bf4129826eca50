/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/authorization-form.h"

#include "http/hint.h"

typedef struct ParameterPlace {
    const char *name;
    gsize offset; /* in AuthorizationParameters */
} ParameterPlace;

#define PLACE(member)                                                                              \
    {                                                                                              \
#member, G_STRUCT_OFFSET(AuthorizationParameters, member)                                  \
    }
/* ui_locales, display, acr_values and claims may be there and change nothing (OpenID Connect
 * Core 3.1.2.1: all are wishes). */
static const ParameterPlace places[] = {
    PLACE(client_id),     PLACE(redirect_uri), PLACE(response_type),  PLACE(scope),
    PLACE(state),         PLACE(nonce),        PLACE(code_challenge), PLACE(code_challenge_method),
    PLACE(prompt),        PLACE(max_age),      PLACE(login_hint),     PLACE(id_token_hint),
    PLACE(response_mode), PLACE(request),      PLACE(request_uri),
};

void authorization_form_read(
    Exchange *exchange,
    const char *(*value)(Exchange *exchange, const char *name),
    AuthorizationParameters *ret_parameters)
{
    AuthorizationParameters *parameters = ret_parameters;

    *parameters = (AuthorizationParameters){.client_id = NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        const char **place = (gpointer)((char *)parameters + places[i].offset);
        *place = value(exchange, places[i].name);
    }
    parameters->double_name = exchange_double(exchange);
    parameters->resources = exchange_resources(exchange);
    if (parameters->id_token_hint != NULL) {
        parameters->hint = hint_read(exchange, parameters->id_token_hint);
    }
}
