/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* form.h - application/x-www-form-urlencoded, strictly: parameters of a query or a body */

#include <glib.h>

#define FORM_PARAMETERS_MAX 64U

typedef struct Form Form;

/**
 * form_parse() - read parameters
 * @text: untrusted, may be NULL (an empty form)
 *
 * Returns: NULL for malformed percent signs, NUL, invalid UTF-8, or more than FORM_PARAMETERS_MAX.
 */
Form *form_parse(const char *text);
void form_free(Form *form); /* wipes; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Form, form_free)

/* NULL: absent or empty (RFC 6749 3.1). The first, where it was sent twice. */
const char *form_value(const Form *form, const char *name);
/* All that are not empty, NULL-terminated, as they came; NULL: none. (transfer container) */
const char **form_values(const Form *form, const char *name);
/* The first name that came twice, but resource (RFC 8707); NULL: none. */
const char *form_double(const Form *form);
/* One percent-decoded piece; NULL when malformed. (transfer full) */
char *form_unescape(const char *text, gsize size, gboolean plus_is_space);
