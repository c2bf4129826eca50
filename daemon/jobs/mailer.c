/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/mailer.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "base/secret.h"
#include "jobs/dispatcher.h"
#include "jobs/mail-message.h"
#include "jobs/transport.h"

#include <curl/curl.h>
#include <gio/gio.h>

#define LETTERS_AT_ONCE 8U
#define REST_USEC_MIN   20000U /* as long as the answer to asking may take to leave */
#define REST_USEC_MAX   80000U
#define STOP_USEC       (10 * G_USEC_PER_SEC)

struct Mailer {
    MailConfig *config; /* a copy: a worker may outlive the settings */
    Dispatcher *dispatcher;
    char *problem;
};

/* One letter under way; the worker reads all of it but the mailer's problem. */
typedef struct Letter {
    Mailer *mailer;
    Task *task;
    char *message;
} Letter;

static void letter_free(gpointer data)
{
    Letter *letter = data;

    secret_text_free(letter->message);
    g_free(letter);
}

static void set_problem(Mailer *mailer, const char *words)
{
    g_free(mailer->problem);
    mailer->problem = g_strdup(words);
}

static gboolean is_to_nobody(const Letter *letter)
{
    const char *to = letter->task->entry->to;

    return !to || !*to;
}

static void send_in_worker(GTask *work, gpointer source, gpointer data, GCancellable *cancellable)
{
    const Letter *letter = data;
    GError *error = NULL;

    (void)source;
    (void)cancellable;
    if (is_to_nobody(letter) ||
        transport_send(letter->mailer->config, letter->task->entry->to, letter->message, &error)) {
        g_task_return_boolean(work, TRUE);
    } else {
        g_task_return_error(work, error);
    }
}

static void sent(GObject *source, GAsyncResult *result, gpointer data)
{
    Mailer *mailer = data;
    const Letter *letter = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;

    (void)source;
    gboolean is_sent = g_task_propagate_boolean(G_TASK(result), &error);
    if (is_to_nobody(letter)) {
        task_close(letter->task, TASK_DONE); /* says nothing about the mail server */
    } else if (is_sent) {
        set_problem(mailer, NULL);
        log_event(LOG_LEVEL_DEBUG, LOG_EVENT_MAIL_SENT, NULL, "A letter was sent");
        task_close(letter->task, TASK_DONE);
    } else {
        set_problem(mailer, error->message);
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_MAIL_FAILED, NULL,
            "A letter could not be sent, and waits: %s", error->message);
        task_close(letter->task, TASK_LATER);
    }
}

/* A letter to nobody is written as well, and dropped by the worker only: what else is served in
 * this loop waits as long. */
static void send_letter(Task *task, gpointer data)
{
    Mailer *mailer = data;
    Letter *letter = g_new0(Letter, 1);

    *letter = (Letter){mailer, task, NULL};
    letter->message =
        mail_message(task->tenant, mailer->config->from, task->entry, g_get_real_time());
    g_autoptr(GTask) work = g_task_new(NULL, NULL, sent, mailer);
    g_task_set_task_data(work, letter, letter_free);
    g_task_run_in_thread(work, send_in_worker);
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
    const DispatcherWay way = {
        .lane = OUTBOX_LANE_MAIL,
        .at_once = LETTERS_AT_ONCE,
        .rest_usec_min = REST_USEC_MIN,
        .rest_usec_max = REST_USEC_MAX,
        .send = send_letter,
        .data = mailer,
    };
    g_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    mailer->config = mail_config_copy(config);
    mailer->dispatcher = dispatcher_new(store, core, &way);
    return mailer;
}

void mailer_free(Mailer *mailer)
{
    if (!mailer) {
        return;
    }
    gint64 end = g_get_monotonic_time() + STOP_USEC;
    dispatcher_stop(mailer->dispatcher);
    while (dispatcher_tasks(mailer->dispatcher) > 0 && g_get_monotonic_time() < end) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(10000);
        }
    }
    gboolean sending = dispatcher_tasks(mailer->dispatcher) > 0;
    dispatcher_free(mailer->dispatcher);
    g_free(mailer->problem);
    if (sending) {
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
