/* SPDX-License-Identifier: GPL-3.0-or-later */

/* kek-source.c - where the KEK comes from, and what that protects; antarad.service hands over the
 * credential as it lies on the disk as well, since its head tells which key it is sealed by */

#include "crypto/kek.h"

#include <string.h>

#define SEALED_CREDENTIAL "antara.kek-sealed"

/* As base64 begins with it: the whole groups of systemd's 128-bit id of the kind of key. */
typedef struct SealKind {
    const char *head;
    const char *words;
} SealKind;

#define WITHOUT_TPM "systemd credential without TPM: protects backups only"
#define WITH_TPM    "systemd credential, sealed by this machine's TPM"

static const SealKind kinds[] = {
    {"Whxqht+dQJax1aZeCGLx", WITHOUT_TPM}, /* host's key */
    {"BYRp2vb1QySABUnaD46i", WITHOUT_TPM}, /* no key */
    {"DHzAexF2RZGcSwvqCLwg", WITH_TPM},    /* TPM */
    {"k6iUCUh0RJCQyvL8k8q1", WITH_TPM},    /* host's key and TPM */
};

const char *kek_source(const char *file)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
    g_autofree char *path = folder ? g_build_filename(folder, SEALED_CREDENTIAL, NULL) : NULL;
    g_autofree char *text = NULL;

    if (file) {
        return "file on this machine: protects backups only";
    }
    if (path && g_file_get_contents(path, &text, NULL, NULL)) {
        for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
            if (g_str_has_prefix(text, kinds[i].head)) {
                return kinds[i].words;
            }
        }
    }
    return "systemd credential";
}
