/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/mailer.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "base/secret.h"
#include "core/outbox.h"
#include "jobs/mail-message.h"
#include "jobs/transport.h"

#include <curl/curl.h>
#include <gio/gio.h>

#define LETTERS_AT_ONCE 8U
#define LOOK_AGAIN_MAX  (60 * G_USEC_PER_SEC)
#define STOP_USEC       (10 * G_USEC_PER_SEC)

struct Mailer {
    MailConfig *config; /* a copy: a worker may outlive the settings */
    const CoreConfig *core;
    Runner *runner;
    guint sending;    /* letters in the worker pool */
    GHashTable *busy; /* tenants that are being looked at: name -> nothing */
    GSource *timer;
    char *problem;
    gboolean stopping;
};

/* One act under way. */
typedef struct Call {
    Mailer *mailer;
    Caller caller;
    OutboxAsked asked;
} Call;

/* One letter under way; the worker reads all of it but the mailer. */
typedef struct Letter {
    Mailer *mailer;
    const Tenant *tenant;
    OutboxEntry *entry;
    char *message;
} Letter;

static void look_all(Mailer *mailer);
static void
call_act(Mailer *mailer, const Tenant *tenant, const ActType *act, RunDone done, OutboxAsked asked);

static void letter_free(gpointer data)
{
    Letter *letter = data;

    outbox_entry_free(letter->entry);
    secret_text_free(letter->message);
    g_free(letter);
}

static void set_problem(Mailer *mailer, const char *words)
{
    g_free(mailer->problem);
    mailer->problem = g_strdup(words);
}

static void
closed(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    Call *call = data;

    (void)answer;
    (void)point;
    if (outcome == OUTCOME_BROKEN) { /* the lease ends, and it is sent again: at least once */
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_MAIL_FAILED, NULL, "The outbox can't be written: %s",
            error->message);
    }
    g_free(call);
}

static void send_in_worker(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Letter *letter = data;
    GError *error = NULL;

    (void)source;
    (void)cancellable;
    if (transport_send(letter->mailer->config, letter->entry->to, letter->message, &error)) {
        g_task_return_boolean(task, TRUE);
    } else {
        g_task_return_error(task, error);
    }
}

static void sent(GObject *source, GAsyncResult *result, gpointer data)
{
    Mailer *mailer = data;
    const Letter *letter = g_task_get_task_data(G_TASK(result));
    const OutboxAsked asked = {.day = letter->entry->day, .number = letter->entry->number};
    g_autoptr(GError) error = NULL;

    (void)source;
    mailer->sending--;
    if (g_task_propagate_boolean(G_TASK(result), &error)) {
        set_problem(mailer, NULL);
        log_event(LOG_LEVEL_DEBUG, LOG_EVENT_MAIL_SENT, NULL, "A letter was sent");
        call_act(mailer, letter->tenant, &outbox_done_act, closed, asked);
    } else {
        set_problem(mailer, error->message);
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_MAIL_FAILED, NULL,
            "A letter could not be sent, and waits: %s", error->message);
        call_act(mailer, letter->tenant, &outbox_later_act, closed, asked);
    }
    if (mailer->sending == 0 && !mailer->stopping) {
        look_all(mailer);
    }
}

/* An entry for an address that gets nothing is done at once: nobody can see that from outside. */
static void send_entry(Mailer *mailer, const Tenant *tenant, OutboxEntry *entry)
{
    const OutboxAsked asked = {.day = entry->day, .number = entry->number};

    if (!entry->to || !*entry->to) {
        call_act(mailer, tenant, &outbox_done_act, closed, asked);
        outbox_entry_free(entry);
        return;
    }
    Letter *letter = g_new0(Letter, 1);
    *letter = (Letter){mailer, tenant, entry, NULL};
    letter->message = mail_message_login(tenant, mailer->config->from, entry, g_get_real_time());
    g_autoptr(GTask) task = g_task_new(NULL, NULL, sent, mailer);
    g_task_set_task_data(task, letter, letter_free);
    mailer->sending++;
    g_task_run_in_thread(task, send_in_worker);
}

static gboolean timer_fired(gpointer data)
{
    Mailer *mailer = data;

    g_clear_pointer(&mailer->timer, g_source_unref);
    look_all(mailer);
    return G_SOURCE_REMOVE;
}

static void timer_clear(Mailer *mailer)
{
    if (mailer->timer) {
        g_source_destroy(mailer->timer);
        g_clear_pointer(&mailer->timer, g_source_unref);
    }
}

static void timer_set(Mailer *mailer, gint64 usec)
{
    gint64 ready = g_get_monotonic_time() + CLAMP(usec, G_USEC_PER_SEC / 10, LOOK_AGAIN_MAX);

    if (mailer->timer && g_source_get_ready_time(mailer->timer) <= ready) {
        return;
    }
    timer_clear(mailer);
    mailer->timer = g_timeout_source_new(0);
    g_source_set_ready_time(mailer->timer, ready);
    g_source_set_callback(mailer->timer, timer_fired, mailer, NULL);
    g_source_attach(mailer->timer, NULL);
}

static void taken(Outcome outcome, gpointer data, guint64 point, const GError *error, gpointer user)
{
    OutboxAnswer *answer = data;
    Call *call = user;
    Mailer *mailer = call->mailer;

    (void)point; /* the lease binds only ourselves: after a power cut the entry is taken again */
    (void)g_hash_table_remove(mailer->busy, call->caller.tenant->name);
    if (outcome == OUTCOME_BROKEN) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_MAIL_FAILED, NULL, "The outbox can't be read: %s",
            error->message);
        timer_set(mailer, LOOK_AGAIN_MAX);
        g_free(call);
        return;
    }
    gboolean more = answer->entries && answer->entries->len == LETTERS_AT_ONCE;
    while (answer->entries && answer->entries->len > 0 && !mailer->stopping) {
        send_entry(mailer, call->caller.tenant, g_ptr_array_steal_index(answer->entries, 0));
    }
    if (more) {
        timer_set(mailer, 0);
    } else if (answer->next_usec) {
        timer_set(mailer, answer->next_usec - g_get_real_time());
    }
    g_free(call);
}

static void
call_act(Mailer *mailer, const Tenant *tenant, const ActType *act, RunDone done, OutboxAsked asked)
{
    Call *call = g_new0(Call, 1);

    call->mailer = mailer;
    call->caller = (Caller){.kind = CALLER_DAEMON, .tenant = tenant};
    call->asked = asked;
    call->asked.caller = &call->caller;
    const RunCall run = {act, &call->asked, &call->caller};
    runner_run(mailer->runner, &run, done, call);
}

static void look(Mailer *mailer, const Tenant *tenant)
{
    if (mailer->stopping || mailer->sending >= LETTERS_AT_ONCE ||
        g_hash_table_contains(mailer->busy, tenant->name)) {
        return;
    }
    (void)g_hash_table_add(mailer->busy, tenant->name);
    call_act(mailer, tenant, &outbox_take_act, taken, (OutboxAsked){.max = LETTERS_AT_ONCE});
}

static void look_all(Mailer *mailer)
{
    for (guint i = 0; i < mailer->core->tenants->len; i++) {
        look(mailer, mailer->core->tenants->pdata[i]);
    }
}

static void heard(const Announcement *said, gpointer data)
{
    Mailer *mailer = data;
    const Tenant *tenant = core_config_tenant(mailer->core, said->tenant);

    if (said->kind == KIND_OUTBOX && said->change == CHANGE_ADDED && tenant) {
        look(mailer, tenant);
    }
}

Mailer *mailer_new(const MailConfig *config, Store *store, const CoreConfig *core, GError **error)
{
    g_autofree char *password = mail_config_password_path(config);

    if (config->user && !password) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
            "[mail] user: no password: name a password_file, or give the systemd credential "
            "antara.smtp");
        return NULL;
    }
    Mailer *mailer = g_new0(Mailer, 1);
    g_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    mailer->config = mail_config_copy(config);
    mailer->core = core;
    mailer->busy = g_hash_table_new(g_str_hash, g_str_equal);
    mailer->runner = runner_new(store, core, NULL, heard, mailer);
    look_all(mailer);
    return mailer;
}

void mailer_free(Mailer *mailer)
{
    if (!mailer) {
        return;
    }
    gint64 end = g_get_monotonic_time() + STOP_USEC;
    mailer->stopping = TRUE;
    timer_clear(mailer);
    while (mailer->sending > 0 && g_get_monotonic_time() < end) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(10000);
        }
    }
    runner_free(mailer->runner);
    g_hash_table_unref(mailer->busy);
    g_free(mailer->problem);
    if (mailer->sending > 0) {
        return; /* a worker still reads the rest; what it sends is leased, and the process ends next
                 */
    }
    mail_config_free(mailer->config);
    g_free(mailer);
}

char *mailer_problem(const Mailer *mailer)
{
    return g_strdup(mailer->problem);
}
