/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* address.h - email addresses: which we take, and how two are the same */

#include <glib.h>

#define ADDRESS_BYTES_MAX 254U

/**
 * address_normalise() - an address as typed to the one that is looked up and mailed to
 * @typed: untrusted; white space around it is dropped
 * @ret_mail: (out) (transfer full): local part NFC as typed, domain as A-labels (IDNA2008, lower
 * case)
 * @ret_lookup: (out) (transfer full): the same with ASCII case of the local part folded
 *
 * Refused: controls, line separators, no or several @, over-long, mixed scripts, a domain that IDNA
 * refuses. Plus tags are kept.
 */
gboolean address_normalise(const char *typed, char **ret_mail, char **ret_lookup);
