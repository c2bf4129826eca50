/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/tenant.h"

#include <string.h>

static void a_new_tenant_has_every_limit_and_none_is_weak(void)
{
    g_autoptr(Tenant) tenant = tenant_new("acme");

    for (guint i = 0; i < _LIMIT_MAX; i++) {
        g_assert_nonnull(limit_name(i));
        g_assert_cmpuint(tenant->limits[i].count, >, 0);
        g_assert_cmpuint(tenant->limits[i].seconds, >, 0);
    }
    g_assert_null(tenant_limit_problem(tenant));
}

static void an_issuer_is_taken_apart(void)
{
    static const struct {
        const char *issuer, *host;
        gboolean https, loopback;
    } good[] = {
        {"https://id.acme.example", "id.acme.example", TRUE, FALSE},
        {"https://id.acme.example:8443", "id.acme.example:8443", TRUE, FALSE},
        {"http://localhost:8080", "localhost:8080", FALSE, TRUE},
        {"http://127.0.0.1", "127.0.0.1", FALSE, TRUE},
        {"http://[::1]:8080", "[::1]:8080", FALSE, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(Tenant) tenant = tenant_new("acme");
        g_assert_null(tenant_set_issuer(tenant, good[i].issuer));
        g_assert_cmpstr(tenant->issuer, ==, good[i].issuer);
        g_assert_cmpstr(tenant->host, ==, good[i].host);
        g_assert_cmpint(tenant->https, ==, good[i].https);
        g_assert_cmpint(tenant->loopback, ==, good[i].loopback);
    }
}

static void what_has_a_second_spelling_or_no_host_is_no_issuer(void)
{
    static const char *const bad[] = {
        "",
        "https://",
        "https://ID.acme.example",
        "https://id.acme.example:443",
        "http://localhost:80",
        "https://id.acme.example:0",
        "https://id.acme.example:08443",
        "https://id.acme.example:65536",
        "https://id.acme.example:",
        "https://id..example",
        "https://-id.example",
        "https://id_x.example",
        "http://[::1",
        "https://[::2]",
        "https://id.acme.example\\@evil.example",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(Tenant) tenant = tenant_new("acme");
        g_assert_nonnull(tenant_set_issuer(tenant, bad[i]));
        g_assert_null(tenant->issuer);
    }
}

static void a_security_contact_is_mail_web_or_telephone(void)
{
    static const char *const good[] = {
        "mailto:security@acme.example",
        "mailto:security%2Bx@acme.example?subject=hole",
        "https://acme.example/security",
        "tel:+49-30-123456",
    };
    static const char *const bad[] = {
        "",
        "security@acme.example",
        "mailto:",
        "mailto:security",
        "mailto:@acme.example",
        "http://acme.example/security",
        "https:acme.example",
        "https:///security",
        "tel:+",
        "tel:security",
        "javascript:alert(1)",
        "mailto:a@acme.example\nExpires: 2000-01-01T00:00:00Z",
        "mailto:a b@acme.example",
        "mailto:\303\244@acme.example",
        "https://acme.example/%zz",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(Tenant) tenant = tenant_new("acme");
        g_assert_null(tenant_set_security_contact(tenant, good[i]));
        g_assert_cmpstr(tenant->security_contact, ==, good[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(Tenant) tenant = tenant_new("acme");
        g_assert_nonnull(tenant_set_security_contact(tenant, bad[i]));
        g_assert_null(tenant->security_contact);
    }
}

static void a_limit_is_set_by_name(void)
{
    static const char *const bad[] = {
        "",
        "link_address",
        "link_address:5",
        "link_address:5/",
        "link_address:/900",
        "link_address/5:900",
        "link_address:0/900",
        "link_address:5/0",
        "link_address:5/86401",
        "link_address:1000001/900",
        "link_address:-5/900",
        "link_address: 5/900",
        "nothing:5/900",
        "link_address:5/900:1",
    };
    g_autoptr(Tenant) tenant = tenant_new("acme");
    const LimitRate before = tenant->limits[LIMIT_LINK_ADDRESS];

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_nonnull(tenant_set_limit(tenant, bad[i]));
        g_assert_cmpuint(tenant->limits[LIMIT_LINK_ADDRESS].count, ==, before.count);
    }
    g_assert_null(tenant_set_limit(tenant, "link_address:7/60"));
    g_assert_cmpuint(tenant->limits[LIMIT_LINK_ADDRESS].count, ==, 7);
    g_assert_cmpuint(tenant->limits[LIMIT_LINK_ADDRESS].seconds, ==, 60);
}

static void a_limit_twenty_times_as_wide_or_narrow_is_refused(void)
{
    static const struct {
        const char *limit, *problem; /* NULL: none */
    } rows[] = {
        {"link_address:100/900", NULL}, {"link_address:101/900", "too weak"},  /* at once */
        {"link_address:5/45", NULL},    {"link_address:5/44", "too weak"},     /* in the long run */
        {"link_address:1/3600", NULL},  {"link_address:1/3601", "too strict"}, /* in the long run */
        {"token_chain:2/60", NULL},     {"token_chain:1/1", "too strict"},     /* at once */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Tenant) tenant = tenant_new("acme");
        g_assert_null(tenant_set_limit(tenant, rows[i].limit));
        g_autofree char *problem = tenant_limit_problem(tenant);
        g_assert_cmpint(problem != NULL, ==, rows[i].problem != NULL);
        g_assert_true(!problem || strstr(problem, rows[i].problem));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/tenant/" #promise, promise)
    TEST(a_new_tenant_has_every_limit_and_none_is_weak);
    TEST(an_issuer_is_taken_apart);
    TEST(what_has_a_second_spelling_or_no_host_is_no_issuer);
    TEST(a_security_contact_is_mail_web_or_telephone);
    TEST(a_limit_is_set_by_name);
    TEST(a_limit_twenty_times_as_wide_or_narrow_is_refused);
    return g_test_run();
}
