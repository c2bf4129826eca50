/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* ssh-key.h - the public key that sshd has just accepted, by its fingerprint */

#include "crypto/digest.h"

/* sshd's own bound of an RSA key is 16,384 bits, 2,764 characters. */
#define SSH_AUTH_INFO_BYTES_MAX 4096U

/**
 * ssh_key_read() - the one key that SSH_AUTH_INFO_0 names
 * @auth_info: (nullable): "publickey TYPE BASE64", one line, as sshd writes it
 *
 * Several methods or keys, a certificate (what it says can change under the same name), a key of a
 * type that isn't known here, and whatever else isn't plainly one key, is none.
 *
 * Returns: FALSE for none.
 */
gboolean ssh_key_read(const char *auth_info, guint8 ret_key[SHA256_BYTES]);

/* (transfer full): SHA256:…, as ssh-keygen -l shows it. */
char *ssh_key_show(const guint8 key[SHA256_BYTES]);
