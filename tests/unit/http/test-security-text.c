/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/security-text.h"

static void the_end_is_30_days_after_the_day(void)
{
    const Tenant tenant = {
        .issuer = (char *)"https://id.acme.example",
        .security_contact = (char *)"mailto:security@acme.example"};
    g_autofree char *text =
        security_text_make(&tenant, G_GINT64_CONSTANT(1700000000) * G_USEC_PER_SEC);

    g_assert_cmpstr(
        text, ==,
        "Contact: mailto:security@acme.example\n"
        "Expires: 2023-12-14T00:00:00Z\n"
        "Canonical: https://id.acme.example/.well-known/security.txt\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/security-text/end", the_end_is_30_days_after_the_day);
    return g_test_run();
}
