/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/config.h"

#include <glib/gstdio.h>
#include <string.h>

#define ACME "[tenant acme]\nissuer = https://id.acme.example\n"

/* Loads @text; NULL, or the words of the refusal. */
static char *load(const char *text, CoreConfig **ret_config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CoreConfig) config = core_config_new();
    g_autofree ConfigSection *sections = core_config_sections(config);
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("antara-config-XXXXXX", &path, &error);

    g_assert_no_error(error);
    g_assert_true(g_close(fd, NULL));
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    gboolean good = config_load(path, sections, &error) && core_config_check(config, &error);
    g_assert_cmpint(g_unlink(path), ==, 0);
    if (good) {
        *ret_config = g_steal_pointer(&config);
        return NULL;
    }
    return g_strdup(error->message);
}

static void what_the_file_says_is_taken(void)
{
    g_autoptr(CoreConfig) config = NULL;
    const char *text = ACME "display_name = Acme & Co\nsign_up = open\nregistration = open\n"
                            "limits = link_address:7/600  code_tries:9/300\n"
                            "[pam]\nhost_name = box\nssh_immediate_info = no\n"
                            "[service sshd]\nmethods = code\ntimeout = 90\n"
                            "completion_number = always\n[service sudo]\n";

    g_autofree char *refusal = load(text, &config);
    g_assert_cmpstr(refusal, ==, NULL);
    const Tenant *tenant = core_config_tenant_of_host(config, "ID.acme.example");
    g_assert_nonnull(tenant);
    g_assert_cmpstr(tenant->issuer, ==, "https://id.acme.example");
    g_assert_cmpstr(tenant->display_name, ==, "Acme & Co");
    g_assert_true(tenant->sign_up_open && tenant->https && !tenant->loopback);
    g_assert_true(tenant->registration_open);
    g_assert_cmpuint(tenant->limits[LIMIT_LINK_ADDRESS].count, ==, 7);
    g_assert_cmpuint(tenant->limits[LIMIT_CODE_TRIES].seconds, ==, 300);
    g_assert_true(core_config_pam_tenant(config) == tenant);
    g_assert_cmpstr(config->host_name, ==, "box");
    g_assert_cmpuint(config->ssh_immediate_info, ==, SSH_INFO_WITH_PROMPT);
    const ServicePolicy *policy = core_config_service(config, "sshd");
    g_assert_true(policy->code && !policy->device && policy->number == NUMBER_ALWAYS);
    g_assert_cmpuint(policy->timeout, ==, 90);
    policy = core_config_service(config, "sudo");
    g_assert_true(policy->code && policy->device && policy->number == NUMBER_AUTO);
    g_assert_null(core_config_service(config, "su"));
}

static void loopback_issuers_may_be_plain_and_have_any_limit(void)
{
    static const char *const issuers[] = {
        "http://localhost:8080", "http://127.0.0.1", "http://[::1]:99", "https://localhost"};

    for (gsize i = 0; i < G_N_ELEMENTS(issuers); i++) {
        g_autoptr(CoreConfig) config = NULL;
        g_autofree char *text = g_strdup_printf(
            "[tenant a]\nissuer = %s\nlimits = link_address:100000/1\n", issuers[i]);
        g_test_message("%s", issuers[i]);
        g_assert_null(load(text, &config));
        g_assert_true(core_config_tenant(config, "a")->loopback);
    }
}

static const struct {
    const char *text, *words;
} refusals[] = {
    {"", "no [tenant NAME]"},
    {"[tenant a]\ndisplay_name = A\n", "issuer is missing"},
    {"[tenant a]\nissuer = http://id.acme.example\n", "begins with https://, unless"},
    {"[tenant a]\nissuer = http://localhost.evil.example\n", "begins with https://, unless"},
    {"[tenant a]\nissuer = ftp://localhost\n", "begins with https://"},
    {"[tenant a]\nissuer = https://a.example/\n", "without a path"},
    {"[tenant a]\nissuer = https://a.example/x\n", "without a path"},
    {"[tenant a]\nissuer = https://a.example?x\n", "without a path"},
    {"[tenant a]\nissuer = https://u@a.example\n", "without a path"},
    {"[tenant a]\nissuer = https://A.example\n", "lower case"},
    {"[tenant a]\nissuer = https://a..example\n", "lower case"},
    {"[tenant a]\nissuer = https://\n", "lower case"},
    {"[tenant a]\nissuer = https://a.example:443\n", "leave it out"},
    {"[tenant a]\nissuer = https://a.example:0\n", "1 to 65535"},
    {"[tenant a]\nissuer = https://a.example:65536\n", "1 to 65535"},
    {"[tenant a]\nissuer = https://a.example:\n", "1 to 65535"},
    {"[tenant system]\nissuer = https://a.example\n", "a tenant's name"},
    {"[tenant A/b]\nissuer = https://a.example\n", "a tenant's name"},
    {ACME "[tenant b]\nissuer = https://id.acme.example\n", "same host"},
    {ACME "sign_up = yes\n", "open or invited"},
    {ACME "registration = on\n", "off or open"},
    {ACME "limits = link_address:5\n", "NAME:COUNT/SECONDS"},
    {ACME "limits = link_address/5:5\n", "NAME:COUNT/SECONDS"},
    {ACME "limits = links:5/5\n", "no limit of that name"},
    {ACME "limits = link_address:0/5\n", "count is"},
    {ACME "limits = link_address:5/0\n", "count is"},
    {ACME "limits = link_address:5000/60\n", "too weak"},
    {ACME "limits = link_address:5/1\n", "too weak"},
    {ACME "limits = token_chain:1/60\n", "too strict"},
    {ACME "security_contact = security@acme.example\n", "mailto:"},
    {ACME "[pam]\ntenant = b\n", "no [tenant NAME] of that name"},
    {ACME "[pam]\nprovider = far\n", "local"},
    {ACME "[pam]\nssh_immediate_info = maybe\n", "auto, yes or no"},
    {ACME "[service sudo]\nunprivileged = yes\n", "[service sudo] unprivileged: only root"},
    {ACME "[service sudo-i]\nunprivileged = yes\n", "only root"},
    {ACME "[service su-l]\nunprivileged = yes\n", "only root"},
    {ACME "[service su]\nunprivileged = yes\n", "only root"},
    {ACME "[service polkit-1]\nunprivileged = yes\n", "only root"},
    {ACME "[service SSHD]\nunprivileged = yes\n", "only root"},
    {ACME "[service login]\nunprivileged = yes\n", "only root"},
    {ACME "[tenant b]\nissuer = https://b.example\n[service sudo]\n", "several tenants"},
    {ACME "[service sudo]\nmethods = password\n", "device, code"},
    {ACME "[service sudo]\nmethods = code code\n", "each once"},
    {ACME "[service sudo]\ntimeout = 9\n", "10 to 600"},
    {ACME "[service sudo]\ntimeout = 601\n", "10 to 600"},
    {ACME "[service sudo]\ncompletion_number = yes\n", "auto, always"},
    {ACME "[service sudo]\nreauthenticate_after = 60\n", "only [service sshd] has it"},
    {ACME "[service login]\nreauthenticate_after = 0\n", "only [service sshd] has it"},
    {ACME "[service sshd]\nreauthenticate_after = 43201\n", "at most 43200 seconds"},
    {ACME "[service sshd]\nreauthenticate_after = 1h\n", "decimal digits"},
    {ACME "[service sshd]\nreauthenticate_after = 60\nmethods = code\n", "methods leaves that"},
    {ACME "[service ../sudo]\n", "no name of a PAM service"},
    {ACME "colour = red\n", "colour"},
};

static void K11_weak_and_wrong_values_refuse_to_start(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autoptr(CoreConfig) config = NULL;
        g_autofree char *words = load(refusals[i].text, &config);
        g_test_message("%s -> %s", refusals[i].text, words);
        g_assert_nonnull(words);
        g_assert_nonnull(strstr(words, refusals[i].words));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/config/taken", what_the_file_says_is_taken);
    g_test_add_func("/core/config/loopback", loopback_issuers_may_be_plain_and_have_any_limit);
    g_test_add_func("/core/config/K11-refused", K11_weak_and_wrong_values_refuse_to_start);
    return g_test_run();
}
