/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/pam.h"

#include "base/catalog.h"
#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/pam-inside.h"

#include <string.h>

static void conversation_free(gpointer data)
{
    Conversation *conversation = data;

    if (conversation->timer) {
        g_source_remove(conversation->timer);
    }
    if (conversation->waiting) {
        conversation->waiting->gone = NULL;
        bus_call_refuse(conversation->waiting, REASON_CANCELLED);
    }
    g_free(conversation->sender);
    g_free(conversation->user);
    g_free(conversation->origin);
    g_free(conversation->rest);
    g_free(conversation);
}

gboolean pam_refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, words);
    return FALSE;
}

void pam_log_refused(Reason reason, const char *event, const char *service, const char *user)
{
    const LogField fields[] = {
        {"AUDIT", event},
        {"REASON", reason_face(reason)->event_id},
        {"SERVICE", service},
        {"USER", user},
        {0}};

    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_PAM_REFUSED, fields, "A user was refused without being asked");
}

gboolean pam_set_tenant(BusCall *call, GError **error)
{
    call->caller.tenant =
        core_config_pam_tenant(runner_config(bus_server_runner(call->object->server)));
    return call->caller.tenant || pam_refuse(error, "This host has no tenant: name one in [pam].");
}

static int append_environment(const PamAnswer *answer, sd_bus_message *reply)
{
    int r = sd_bus_message_open_container(reply, 'a', "{ss}");

    if (r >= 0 && answer->method) {
        r = sd_bus_message_append(
            reply, "{ss}{ss}", ANTARA_ENV_AUTH_METHOD, answer->method, ANTARA_ENV_EVENT,
            answer->event);
    }
    if (r >= 0 && answer->slug) {
        r = sd_bus_message_append(reply, "{ss}", ANTARA_ENV_SLUG, answer->slug);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

int pam_answer_append(const PamAnswer *answer, sd_bus_message *reply)
{
    const Conversation *conversation = answer->conversation;
    char id[ID_TEXT_CHARS + 1] = "";

    if (conversation) {
        id_to_text(&conversation->id, id);
    }
    gboolean hidden = answer->hidden || (conversation && conversation->shape == PAM_SHAPE_LINE);
    int r = sd_bus_message_append(
        reply, "ssssbsu", id, answer->state, answer->info ? answer->info : "",
        answer->prompt ? answer->prompt : "", !hidden, answer->event ? answer->event : "",
        conversation ? conversation->seconds : 0);
    return r < 0 ? r : append_environment(answer, reply);
}

/* A code whose prompt is gone must be dead: run outside any call. */
typedef struct Cancel {
    Caller caller;
    DeviceAnswerAsked asked;
    Id id;
} Cancel;

static void
cancelled(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    (void)outcome; /* one that was decided meanwhile is over as well; it expires in any case */
    (void)answer;
    (void)point;
    (void)error;
    g_free(data);
}

static void cancel_device(const Pam *pam, const Id *id)
{
    Runner *runner = bus_server_runner(pam->object.server);
    Cancel *cancel = g_new0(Cancel, 1);

    cancel->id = *id;
    cancel->caller =
        (Caller){.kind = CALLER_DAEMON, .tenant = core_config_pam_tenant(runner_config(runner))};
    cancel->asked = (DeviceAnswerAsked){.caller = &cancel->caller, .id = &cancel->id};
    const RunCall run = {&device_cancel_act, &cancel->asked, &cancel->caller};
    provider_ask(&pam->provider, &run, cancelled, cancel);
}

void pam_conversation_cancel(Conversation *conversation)
{
    const Id id = conversation->id;

    cancel_device(conversation->pam, &id);
    (void)g_hash_table_remove(conversation->pam->conversations, &id);
}

/* Ends the conversations of a name, or (NULL) all. */
static void end_conversations(Pam *pam, const char *sender)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, pam->conversations);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Conversation *conversation = value;
        if (!sender || g_str_equal(conversation->sender, sender)) {
            cancel_device(pam, &conversation->id);
            g_hash_table_iter_remove(&iter);
        }
    }
}

static int owner_changed(sd_bus_message *message, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const char *name = NULL;
    const char *before = NULL;
    const char *after = NULL;

    if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0 && !*after) {
        end_conversations(data, name);
    }
    return 0;
}

static void decided(gpointer data, const Announcement *announcement)
{
    Pam *pam = data;
    Conversation *conversation = announcement->kind == KIND_DEVICE
                                     ? g_hash_table_lookup(pam->conversations, &announcement->id)
                                     : NULL;
    BusCall *call = conversation ? g_steal_pointer(&conversation->waiting) : NULL;

    if (!call) {
        return;
    }
    g_clear_handle_id(&conversation->timer, g_source_remove);
    call->gone = NULL;
    call->data = GUINT_TO_POINTER(ANTARA_PAM_WAIT_MSEC);
    bus_call_again(call);
}

Id *pam_conversations(gconstpointer part, guint *ret_count)
{
    const Pam *pam = part;
    Id *ids = g_new0(Id, g_hash_table_size(pam->conversations) + 1);
    GHashTableIter iter;
    gpointer id = NULL;

    *ret_count = 0;
    g_hash_table_iter_init(&iter, pam->conversations);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        ids[(*ret_count)++] = *(const Id *)id;
    }
    return ids;
}

static gpointer pam_new(BusServer *server)
{
    Pam *pam = g_new0(Pam, 1);
    const BusMethod methods[] = {pam_open_method,   pam_respond_method, pam_wait_method,
                                 pam_cancel_method, pam_account_method, {0}};

    pam->methods = g_memdup2(methods, sizeof(methods));
    pam->provider = provider_local(bus_server_runner(server));
    pam->object =
        (BusObject){.server = server, .methods = pam->methods, .provider = &pam->provider};
    pam->vtable = bus_vtable_new(pam->methods, NULL);
    pam->conversations =
        g_hash_table_new_full(id_table_hash, id_table_equal, NULL, conversation_free);
    return pam;
}

static int pam_export(gpointer part, sd_bus *bus)
{
    Pam *pam = part;
    int r = sd_bus_match_signal_async(
        bus, &pam->owners, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "NameOwnerChanged", owner_changed, NULL, pam);

    return r < 0 ? r
                 : sd_bus_add_object_vtable(
                       bus, NULL, ANTARA_BUS_PATH, ANTARA_BUS_PAM, pam->vtable, &pam->object);
}

static void pam_lost(gpointer part)
{
    Pam *pam = part;

    pam->owners = sd_bus_slot_unref(pam->owners);
    end_conversations(pam, NULL);
}

static void pam_free(gpointer part)
{
    Pam *pam = part;

    sd_bus_slot_unref(pam->owners);
    g_hash_table_unref(pam->conversations);
    g_free(pam->vtable);
    g_free(pam->methods);
    g_free(pam);
}

const BusPart pam_part =
    {.new = pam_new, .export = pam_export, .lost = pam_lost, .heard = decided, .free = pam_free};
