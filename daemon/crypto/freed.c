/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/freed.h"

#include "base/secret.h"

#include <gnutls/gnutls.h>
#include <malloc.h>
#include <stdlib.h>

static void wipe_and_free(void *block)
{
    if (block) {
        secret_wipe(block, malloc_usable_size(block));
    }
    free(block);
}

void freed_is_wiped(void)
{
    gnutls_free = wipe_and_free; /* a variable of the library, for all of the process */
}
