/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/ssh-key.h"

#include <string.h>

#define ED25519                                                                                    \
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1PEIBCJCrTikEAlV52Al072BdBmPsfpByA"                     \
    "DgplwuKh"

static const char ecdsa[] =
    "publickey "
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPvEjYWk"
    "CnUwPEJQ83QxFp07CILm/Yjem5ZL53hEZlxO7Du/d01adkdT8cNkJJ45EZZ+rBiEVoJeo2aLA41vGhk=";
static const char rsa[] =
    "publickey "
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDBohGAQxhuQDPve91/hdiQPEmWsjdi76FNz8fdqgoG"
    "kgSQMPxvDMk9XPcTcfxvauJzIbhFj8Dvtkz2DQO5uXgBt2tHhMG7QIHJ89mlg2Lz7nT5reriLfrXGZ36"
    "aNaVj96LpTwGjBmN2SGhS3C2UWV9k+25Sajfl8qpJ8wjzbC5wdD2JwWyUC1ozM5ZPTzVFtQu0+NJS6xo"
    "76Nb86mMWU0EDHoLxcJCttMWJlMhp9EaUJooBXnX4PqQ5ktj22Pa+lzxpSRR9UOFpvT/pV8A1GzBx2iZ"
    "T9SSMsmb8J+btDQ5wwPjbZfPIfU5H8QZPUMnCoExCD17+KuTEp0hp2tqYShYq7U20+cpim6C9gvpnBi/"
    "BJfkZyvxe768ENEEw/+GcuBwO7i33pZauceBo/aE4u2QCtvpZZim0s+lmE1L/BuLWJjXoqPCrEk8P8Qj"
    "sM9QlQL3OoEi+C90bt1sFUV/w2EYZG+CsyO7UkF6fZBew8KXlRNh/mw4/SLtAK7TUuMx078=";
static const char certificate[] =
    "publickey "
    "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29"
    "tAAAAIPUaEg4CSEEU1epTYuzFegNN2eySp5Ag1pZHtF57L/0DAAAAIE1PEIBCJCrTikEAlV52Al072Bd"
    "BmPsfpByADgplwuKhAAAAAAAAAAAAAAABAAAAAXgAAAAFAAAAAXkAAAAAAAAAAP//////////AAAAAAA"
    "AAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwA"
    "AAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl"
    "0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgyXABCff9TfHW4JoimLTQhPThNbu"
    "rrxBaT7AewM5doPsAAABTAAAAC3NzaC1lZDI1NTE5AAAAQAyO4znBY9XsoN9qh4pgCVQ7S1/6DMPUIS2"
    "VmLscG9wTeRe8zAz7AQY5hQo0/GuYSsL+PyJfr+7xShplV0482g0=";

static void sha_is_what_ssh_keygen_shows(void)
{
    static const char *const rows[][2] = {
        {"publickey " ED25519 "\n", "SHA256:oKvPbn65gCVz9OoxRP8teOv2uGiehE7fOTysKpUzhwc"},
        {"publickey " ED25519, "SHA256:oKvPbn65gCVz9OoxRP8teOv2uGiehE7fOTysKpUzhwc"},
        {ecdsa, "SHA256:RFCdYj+iqxwlBgGBH86437L779CXHQKie5p4QGPurqA"},
        {rsa, "SHA256:mbIJ/vJieRwKpo5BQNrhGdhA2e7mAstlRba59xKdhl8"}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 key[SHA256_BYTES] = {0};
        g_assert_true(ssh_key_read(rows[i][0], key));
        g_autofree char *shown = ssh_key_show(key);
        g_assert_cmpstr(shown, ==, rows[i][1]);
    }
}

static void what_is_not_plainly_one_key_is_none(void)
{
    static const char *const rows[] = {
        NULL,
        "",
        "\n",
        "publickey",
        "publickey ",
        "password\n",
        "keyboard-interactive/pam\n",
        "hostbased " ED25519 "\n",
        "publickey " ED25519 "\npublickey " ED25519 "\n", /* two keys */
        "publickey " ED25519 "\npassword\n",
        "password\npublickey " ED25519 "\n",
        "publickey " ED25519 "\n\n",
        "publickey " ED25519 " alice@example.org\n",
        "publickey  " ED25519 "\n",
        " publickey " ED25519 "\n",
        "publickey\t" ED25519 "\n",
        "publickey " ED25519 "\r\n",
        "PUBLICKEY " ED25519 "\n",
        "publickey " ED25519 "=\n", /* base64 that says the same in another way */
        "publickey " ED25519 "!\n",
        "publickey ssh-rsa "
        "AAAAC3NzaC1lZDI1NTE5AAAAIE1PEIBCJCrTikEAlV52Al072BdBmPsfpByADgplwuKh\n", /* of another
                                                                                     type */
        "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n", /* a type without a key */
        "publickey ssh-ed25519 AAAA\n",
        "publickey ssh-dss "
        "AAAAB3NzaC1kc3N4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n",
        certificate};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 key[SHA256_BYTES] = {0};
        g_test_message("%u: %s", i, rows[i]);
        g_assert_false(ssh_key_read(rows[i], key));
    }
}

static void what_is_too_long_is_none(void)
{
    g_autofree guint8 *bytes = g_malloc0(SSH_AUTH_INFO_BYTES_MAX);
    guint8 key[SHA256_BYTES] = {0};

    memcpy(bytes, "\0\0\0\7ssh-rsa", 11);
    for (gsize size = 2058; size < SSH_AUTH_INFO_BYTES_MAX; size += 1022) { /* no padding */
        g_autofree char *text = g_base64_encode(bytes, size / 3 * 3);
        g_autofree char *line = g_strdup_printf("publickey ssh-rsa %s\n", text);
        g_assert_true(ssh_key_read(line, key) == (strlen(line) <= SSH_AUTH_INFO_BYTES_MAX));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/ssh-key/shown", sha_is_what_ssh_keygen_shows);
    g_test_add_func("/core/ssh-key/none", what_is_not_plainly_one_key_is_none);
    g_test_add_func("/core/ssh-key/long", what_is_too_long_is_none);
    return g_test_run();
}
