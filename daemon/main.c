/* SPDX-License-Identifier: GPL-3.0-or-later */

/* main.c - wiring only: join the config tables, open the store, start http, bus and jobs, stop
 * cleanly */

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/secret.h"
#include "bus/server.h"
#include "core/rewrap.h"
#include "core/service.h"
#include "crypto/freed.h"
#include "http/metrics-server.h"
#include "http/server.h"
#include "jobs/jobs.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CONFIG_DEFAULT "/etc/antara/antarad.conf"

typedef struct Options {
    char *config;
    char *make_kek;
    char *restore;
    gboolean check_config;
    gboolean check_store;
    gboolean debug;
    gboolean version;
} Options;

typedef struct DaemonConfig {
    char *state_dir;
    char *kek_file;
    guint workers; /* threads that serve HTTP */
} DaemonConfig;

static const ConfigKey daemon_keys[] = {
    {"state_dir", config_read_path, offsetof(DaemonConfig, state_dir)},
    {"kek_file", config_read_path, offsetof(DaemonConfig, kek_file)},
    {"workers", config_read_workers, offsetof(DaemonConfig, workers)},
    {0},
};

/* All that the configuration says. */
typedef struct Settings {
    DaemonConfig daemon;
    HttpConfig *http;
    JobsConfig jobs;
    CoreConfig *core;
} Settings;

/* All that runs, in the order of its start. */
typedef struct House {
    GMainLoop *loop;
    Store *store;
    Runner *runner;
    HttpServer *http;
    MetricsServer *metrics;
    Jobs *jobs;
    BusServer *bus;
    const Settings *settings;
} House;

static void settings_clear(Settings *settings)
{
    g_clear_pointer(&settings->daemon.state_dir, g_free);
    g_clear_pointer(&settings->daemon.kek_file, g_free);
    g_clear_pointer(&settings->http, http_config_free);
    jobs_config_clear(&settings->jobs);
    g_clear_pointer(&settings->core, core_config_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Settings, settings_clear)

static gpointer the_only_section(
    gpointer data,
    G_GNUC_UNUSED const char *name,
    G_GNUC_UNUSED const ConfigValue *where,
    G_GNUC_UNUSED GError **error)
{
    return data;
}

static gboolean settings_read(Settings *settings, const char *path, GError **error)
{
    g_autofree ConfigSection *core = core_config_sections(settings->core);
    g_autoptr(GArray) sections = g_array_new(TRUE, TRUE, sizeof(ConfigSection));
    const ConfigSection daemon = {"daemon", daemon_keys, the_only_section, &settings->daemon};
    const ConfigSection http = http_config_section(settings->http);

    g_array_append_val(sections, daemon);
    g_array_append_val(sections, http);
    jobs_config_add_sections(&settings->jobs, sections);
    for (const ConfigSection *section = core; section->name; section++) {
        g_array_append_vals(sections, section, 1);
    }
    return config_load(path, (const ConfigSection *)sections->data, error);
}

static gboolean settings_load(Settings *settings, const char *path, GError **error)
{
    settings->daemon.workers = http_workers_default();
    settings->http = http_config_new();
    jobs_config_init(&settings->jobs);
    settings->core = core_config_new();
    if (!settings_read(settings, path, error)) {
        return FALSE;
    }

    if (!settings->daemon.state_dir) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
            "%s: [daemon] state_dir is missing: name the directory that keeps the store", path);
        return FALSE;
    }
    return core_config_check(settings->core, error) &&
           http_config_check(settings->http, settings->core, error) &&
           mail_config_check(settings->jobs.mail, settings->core, error);
}

/* A journal that can't be written has no answer left to give: the next start recovers. */
static void store_has_failed(const GError *failure, G_GNUC_UNUSED gpointer data)
{
    log_event(
        LOG_LEVEL_ERR, LOG_EVENT_STORE_FAILED, NULL, "The store has failed: %s", failure->message);
    _exit(EXIT_FAILURE);
}

static void store_progress(guint64 records, G_GNUC_UNUSED gpointer data)
{
    notify_recovering(records);
    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_STORE_RECOVERING, NULL,
        "Recovering from the journal: %" G_GUINT64_FORMAT " records so far", records);
}

static Store *store_start(const Settings *settings, GError **error)
{
    g_autoptr(Kek) kek = kek_load(settings->daemon.kek_file, error);
    if (!kek) {
        return NULL;
    }

    const GPtrArray *tenants = settings->core->tenants;
    g_autofree const char **names = g_new0(const char *, tenants->len + 1);
    for (guint i = 0; i < tenants->len; i++) {
        names[i] = ((const Tenant *)tenants->pdata[i])->name;
    }
    const StoreOptions options = {
        .dir = settings->daemon.state_dir,
        .kek = kek,
        .clock = clock_system(),
        .tenants = names,
        .failed = store_has_failed,
        .progress = store_progress,
        .rewrap = email_rewrap,
    };
    return store_open(&options, error);
}

static gboolean store_look(const Settings *settings, GError **error)
{
    g_autoptr(Kek) kek = kek_load(settings->daemon.kek_file, error);
    const StoreOptions options = {.dir = settings->daemon.state_dir, .kek = kek};
    g_autoptr(GString) report = g_string_new(NULL);

    gboolean good = kek && store_check(&options, report, error);
    (void)fputs(report->str, stdout);
    return good;
}

static gboolean store_make_of(const Settings *settings, const char *backup, GError **error)
{
    g_autoptr(Kek) kek = kek_load(settings->daemon.kek_file, error);
    const StoreOptions options = {
        .dir = settings->daemon.state_dir, .kek = kek, .clock = clock_system()};

    if (!kek || !store_restore(&options, backup, error)) {
        return FALSE;
    }
    puts("Restored. Nobody is signed in any more. What was taken back after the backup is back: "
         "look at links, apps and API keys, then: antaractl check --confirm-restore");
    return TRUE;
}

/* Services that the configuration names get their records; a name in both places refuses to start.
 */
static gboolean services_settle(Store *store, const CoreConfig *config, GError **error)
{
    const Tenant *tenant = core_config_pam_tenant(config);
    if (!tenant) {
        return TRUE;
    }

    g_autoptr(Txn) txn = txn_begin(store, tenant->name, error);
    guint64 point = 0;
    return txn && service_check_config(txn, config, error) &&
           txn_commit(txn, &point, error) == TXN_COMMITTED;
}

static guint status_connections(gpointer data)
{
    return http_server_connections(((House *)data)->http);
}

static const char *status_kek_source(gpointer data)
{
    return kek_source(((House *)data)->settings->daemon.kek_file);
}

static char *status_mail_problem(gpointer data)
{
    return jobs_mail_problem(((House *)data)->jobs);
}

static gboolean house_start(House *house, GError **error)
{
    const Settings *settings = house->settings;
    const BusStatus status = {
        .http_connections = status_connections,
        .kek_source = status_kek_source,
        .mail_problem = status_mail_problem,
        .data = house,
    };

    house->store = store_start(settings, error);
    if (!house->store || !services_settle(house->store, settings->core, error)) {
        return FALSE;
    }
    house->runner = runner_new(house->store, settings->core, NULL, NULL, NULL);
    if (!http_config_start_tls(settings->http, error)) {
        return FALSE;
    }
    house->http = http_server_new(settings->http, settings->daemon.workers, house->runner, error);
    if (!house->http) {
        return FALSE;
    }
    if (settings->http->metrics_listen) {
        house->metrics = metrics_server_new(
            (const char *const *)settings->http->metrics_listen, house->runner, error);
        if (!house->metrics) {
            return FALSE;
        }
    }
    house->jobs = jobs_new(&settings->jobs, house->store, settings->core, error);
    if (!house->jobs) {
        return FALSE;
    }
    house->bus = bus_server_new(house->store, settings->core, &status, error);
    return house->bus != NULL;
}

/* In the opposite order of the start: nobody is asked who is already gone. */
static gboolean house_stop(House *house, GError **error)
{
    g_clear_pointer(&house->bus, bus_server_free);
    g_clear_pointer(&house->metrics, metrics_server_free);
    g_clear_pointer(&house->http, http_server_free);
    g_clear_pointer(&house->jobs, jobs_free);
    g_clear_pointer(&house->runner, runner_free);
    Store *store = g_steal_pointer(&house->store);
    return !store || store_close(store, error);
}

static gboolean asked_to_stop(gpointer data)
{
    g_main_loop_quit(((House *)data)->loop);
    return G_SOURCE_CONTINUE;
}

/* Certificates are renewed every few weeks: nobody's connection ends for that. */
static gboolean asked_to_reload(gpointer data)
{
    g_autoptr(GError) problem = NULL;

    notify_reloading();
    (void)http_config_reload_tls(((const House *)data)->settings->http, &problem);
    notify_ready(problem);
    return G_SOURCE_CONTINUE;
}

/* Workers load keys when they first need them. */
static void keys_are_not_locked(void)
{
    log_event(
        LOG_LEVEL_WARNING, LOG_EVENT_NOT_LOCKED, NULL,
        "Keys may be swapped to disk, since they can't be locked in memory: raise LimitMEMLOCK=");
}

static gboolean all_turns(gpointer data)
{
    return http_server_is_turning(((const House *)data)->http);
}

static gboolean house_run(House *house, GError **error)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);

    house->loop = loop;
    g_unix_signal_add(SIGTERM, asked_to_stop, house);
    g_unix_signal_add(SIGINT, asked_to_stop, house);
    g_unix_signal_add(SIGHUP, asked_to_reload, house);
    secret_watch_locks(keys_are_not_locked);
    if (!house_start(house, error)) {
        (void)house_stop(house, NULL);
        return FALSE;
    }
    notify_ready(NULL);
    log_event(LOG_LEVEL_NOTICE, LOG_EVENT_STARTED, NULL, "antarad is ready");

    notify_watchdog_start(all_turns, house);
    g_main_loop_run(loop);

    notify_stopping();
    return house_stop(house, error);
}

static gboolean options_read(Options *options, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Read FILE (" CONFIG_DEFAULT ")",
         "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config,
         "Check the configuration and exit", NULL},
        {"check-store", 0, 0, G_OPTION_ARG_NONE, &options->check_store,
         "Read all of a store that is not in use, say what is damaged, and exit", NULL},
        {"restore", 0, 0, G_OPTION_ARG_FILENAME, &options->restore,
         "Make a store of the backup FILE in the empty state_dir, and exit", "FILE"},
        {"make-kek", 0, 0, G_OPTION_ARG_FILENAME, &options->make_kek,
         "Make a new KEK file and exit", "FILE"},
        {"debug", 0, 0, G_OPTION_ARG_NONE, &options->debug, "Log each request by its route", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version and exit", NULL},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- sign-in without shared identities");

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return FALSE;
    }
    if (*argc > 1) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: no such argument; see --help",
            (*argv)[1]);
        return FALSE;
    }
    return TRUE;
}

static gboolean options_obey(const Options *options, GError **error)
{
    g_auto(Settings) settings = {0};
    House house = {.settings = &settings};

    if (options->version) {
        puts("antarad " ANTARA_VERSION);
        return TRUE;
    }
    if (options->make_kek) {
        return kek_make_file(options->make_kek, error);
    }
    if (!settings_load(&settings, options->config ? options->config : CONFIG_DEFAULT, error)) {
        return FALSE;
    }
    if (options->check_store) {
        return store_look(&settings, error);
    }
    if (options->restore) {
        return store_make_of(&settings, options->restore, error);
    }
    return options->check_config
               ? http_config_look_at_tls(settings.http, settings.daemon.state_dir, error)
               : house_run(&house, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Options options = {0};

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    secret_process_hide();
    freed_is_wiped();
    gboolean done = options_read(&options, &argc, &argv, &error);
    log_set_debug(options.debug);
    done = done && options_obey(&options, &error);
    if (!done) {
        log_event(LOG_LEVEL_ERR, LOG_EVENT_REFUSED, NULL, "%s", error->message);
    }

    g_free(options.config);
    g_free(options.make_kek);
    g_free(options.restore);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
