/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/serve.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/polkit.h"

#include <string.h>

#define UID_UNKNOWN G_MAXUINT32 /* nobody's: until the bus has said whose the call is */

static void call_free(BusCall *call)
{
    g_queue_unlink(bus_server_calls(call->object->server), &call->link);
    if (call->gone) {
        call->gone(call->data);
    }
    sd_bus_slot_unref(call->slot);
    sd_bus_message_unref(call->reply);
    caller_clear(&call->caller);
    g_free(call->asked);
    g_ptr_array_unref(call->owned);
    sd_bus_message_unref(call->message);
    g_free(call);
}

static BusCall *call_new(BusObject *object, const BusMethod *method, sd_bus_message *message)
{
    BusCall *call = g_new0(BusCall, 1);

    call->object = object;
    call->method = method;
    call->message = sd_bus_message_ref(message);
    call->caller = (Caller){.kind = CALLER_BUS, .uid = UID_UNKNOWN};
    call->asked = g_malloc0(MAX(method->asked_size, sizeof(const Caller *)));
    *(const Caller **)call->asked = &call->caller;
    call->owned = g_ptr_array_new_with_free_func(g_free);
    call->link.data = call;
    g_queue_push_tail_link(bus_server_calls(object->server), &call->link);
    return call;
}

gpointer bus_call_own(BusCall *call, gpointer thing)
{
    g_ptr_array_add(call->owned, thing);
    return thing;
}

/* Before anything is known of the caller but his connection. */
static gboolean sender_has_room(const BusCall *call)
{
    const char *sender = sd_bus_message_get_sender(call->message);
    guint of_sender = 0;

    for (const GList *link = bus_server_calls(call->object->server)->head; link;
         link = link->next) {
        const BusCall *other = link->data;
        of_sender += g_strcmp0(sd_bus_message_get_sender(other->message), sender) == 0;
    }
    return of_sender <= BUS_CALLS_SENDER_MAX;
}

/* Root is counted by nobody but its own connection, and who isn't known yet by nobody else:
 * strangers keep neither it out nor each other. */
static gboolean uid_has_room(const BusCall *call)
{
    guint of_uid = 0;
    guint of_all = 0;

    for (const GList *link = bus_server_calls(call->object->server)->head; link;
         link = link->next) {
        const guint32 uid = ((const BusCall *)link->data)->caller.uid;
        of_uid += uid == call->caller.uid;
        of_all += uid != 0 && uid != UID_UNKNOWN;
    }
    return call->caller.uid == 0 || (of_uid <= BUS_CALLS_UID_MAX && of_all <= BUS_CALLS_MAX);
}

/* A reply that can't be sent has nobody who reads it. */
static void send_reply(const BusCall *call)
{
    if (call->reply && sd_bus_message_get_expect_reply(call->message) > 0) {
        (void)sd_bus_send(NULL, call->reply, NULL);
    }
}

static void prepare_error(BusCall *call, const char *name, const char *words)
{
    const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(name, words);

    call->reply = sd_bus_message_unref(call->reply);
    (void)sd_bus_message_new_method_error(call->message, &call->reply, &error);
}

static void prepare_reason(BusCall *call, Reason reason, const char *words)
{
    const ReasonFace *face = reason_face(reason);

    prepare_error(call, face->bus_error, words ? words : face->words);
}

static void refuse_now(BusCall *call, const char *name, const char *words)
{
    prepare_error(call, name, words);
    send_reply(call);
    call_free(call);
}

void bus_call_refuse(BusCall *call, Reason reason)
{
    refuse_now(call, reason_face(reason)->bus_error, reason_face(reason)->words);
}

static void log_broken(const BusCall *call, const char *why)
{
    const LogField fields[] = {{"METHOD", call->method->member}, {0}};

    log_event(LOG_LEVEL_ERR, LOG_EVENT_ACT_BROKEN, fields, "A bus method broke: %s", why);
}

typedef int (*Append)(BusCall *call, gpointer answer, sd_bus_message *reply);

static void prepare_return(BusCall *call, Append append, gpointer answer)
{
    int r = sd_bus_message_new_method_return(call->message, &call->reply);

    r = r < 0 || !append ? r : append(call, answer, call->reply);
    if (r < 0) {
        log_broken(call, g_strerror(-r));
        prepare_reason(call, REASON_NONE, NULL);
    }
}

static void prepare_denial(BusCall *call, gpointer answer)
{
    const BusMethod *method = call->method;

    if (method->denied) {
        prepare_return(call, method->denied, answer);
        return;
    }
    prepare_reason(call, *(const Reason *)answer, method->problem ? method->problem(answer) : NULL);
}

static void prepare_breakage(BusCall *call, const GError *error)
{
    log_broken(call, error ? error->message : "without an error");
    prepare_reason(
        call,
        g_error_matches(error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM) ? REASON_NO_ROOM : REASON_NONE,
        NULL);
}

/* FALSE: the row keeps the call. */
static gboolean prepare_reply(BusCall *call, Outcome outcome, gpointer answer, const GError *error)
{
    switch (outcome) {
    case OUTCOME_GRANTED:
        prepare_return(call, call->method->reply, answer);
        return TRUE;
    case OUTCOME_DENIED:
        prepare_denial(call, answer);
        return TRUE;
    case OUTCOME_PENDING:
        if (call->method->pending && call->method->pending(call, answer)) {
            return FALSE;
        }
        if (call->method->waits) {
            prepare_return(call, call->method->waits, answer);
        } else {
            prepare_reason(call, REASON_AUTHORIZATION_PENDING, NULL);
        }
        return TRUE;
    case OUTCOME_BROKEN:
        break;
    }
    prepare_breakage(call, error);
    return TRUE;
}

static void call_leaves(gpointer data)
{
    BusCall *call = data;

    if (!call->dropped) {
        send_reply(call);
        if (call->method->sent) {
            call->method->sent(call);
        }
    }
    call_free(call);
}

static void call_is_dropped(gpointer data)
{
    call_free(data);
}

static void
act_has_run(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    BusCall *call = data;

    call->under_way = FALSE;
    caller_clear(&call->caller);
    if (call->dropped) {
        call_free(call);
        return;
    }
    if (!prepare_reply(call, outcome, answer, error)) {
        return;
    }
    call->under_way = TRUE;
    runner_hold(bus_server_runner(call->object->server), point, call_leaves, call_is_dropped, call);
}

void bus_call_again(BusCall *call)
{
    call->run = (RunCall){.act = call->method->act, .asked = call->asked, .caller = &call->caller};
    call->under_way = TRUE;
    if (call->object->provider) {
        provider_ask(call->object->provider, &call->run, act_has_run, call);
    } else {
        runner_run(bus_server_runner(call->object->server), &call->run, act_has_run, call);
    }
}

static void act(BusCall *call)
{
    g_autoptr(GError) error = NULL;

    if (call->method->look && !call->method->look(call, call->asked, &error)) {
        refuse_now(call, SD_BUS_ERROR_INVALID_ARGS, error->message);
        return;
    }
    if (call->method->act) {
        bus_call_again(call);
        return;
    }
    if (call->method->start && !call->method->start(call, &error)) {
        refuse_now(call, SD_BUS_ERROR_FAILED, error->message);
        return;
    }
    prepare_return(call, call->method->reply, NULL);
    call_leaves(call);
}

static void polkit_has_spoken(Outcome outcome, const char *error, gpointer data)
{
    BusCall *call = data;

    call->slot = sd_bus_slot_unref(call->slot);
    if (outcome == OUTCOME_GRANTED) {
        act(call);
        return;
    }
    if (outcome == OUTCOME_BROKEN) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_BUS_CALL, NULL, "polkit could not be asked: %s",
            error ? error : "without a reason");
    }
    g_autofree char *words = g_strdup_printf(
        "%s The polkit action is %s.",
        outcome == OUTCOME_BROKEN ? "polkit could not be asked." : "You may not do that.",
        call->method->action);
    refuse_now(call, reason_face(REASON_NOT_PERMITTED)->bus_error, words);
}

static void authorize(BusCall *call)
{
    if (!call->method->action) {
        act(call);
        return;
    }
    int r = polkit_ask(call->message, call->method->action, polkit_has_spoken, call, &call->slot);
    if (r < 0) {
        polkit_has_spoken(OUTCOME_BROKEN, g_strerror(-r), call);
    }
}

static int caller_is_known(sd_bus_message *reply, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    BusCall *call = data;
    guint32 uid = G_MAXUINT32;

    call->slot = sd_bus_slot_unref(call->slot);
    if (sd_bus_message_is_method_error(reply, NULL) || sd_bus_message_read(reply, "u", &uid) < 0) {
        call_free(call); /* nobody has that name any more */
        return 0;
    }
    call->caller.uid = uid;
    if (!uid_has_room(call)) {
        bus_call_refuse(call, REASON_TOO_MANY);
        return 0;
    }
    if (call->method->admit && !call->method->admit(call)) {
        bus_call_refuse(call, REASON_NOT_PERMITTED);
        return 0;
    }
    authorize(call);
    return 0;
}

/* Asked of the bus driver without waiting: sd_bus_query_sender_creds() would block the loop. */
static void identify(BusCall *call)
{
    int r = sd_bus_call_method_async(
        sd_bus_message_get_bus(call->message), &call->slot, "org.freedesktop.DBus",
        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixUser", caller_is_known,
        call, "s", sd_bus_message_get_sender(call->message));

    if (r < 0) {
        log_broken(call, g_strerror(-r));
        bus_call_refuse(call, REASON_NONE);
    }
}

static const BusMethod *find_method(const BusMethod *methods, const char *member)
{
    while (methods->member && g_strcmp0(methods->member, member) != 0) {
        methods++;
    }
    return methods->member ? methods : NULL;
}

static int method_called(sd_bus_message *message, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    g_autoptr(GError) error = NULL;
    BusObject *object = data;
    const BusMethod *method = find_method(object->methods, sd_bus_message_get_member(message));

    g_assert(method);
    BusCall *call = call_new(object, method, message);
    if (!sender_has_room(call)) {
        bus_call_refuse(call, REASON_TOO_MANY);
    } else if (method->read && !method->read(call, call->asked, &error)) {
        refuse_now(call, SD_BUS_ERROR_INVALID_ARGS, error->message);
    } else {
        identify(call);
    }
    return 1;
}

static sd_bus_vtable method_row(const BusMethod *method)
{
    sd_bus_vtable row = SD_BUS_METHOD(
        method->member, method->in, method->out, method_called, SD_BUS_VTABLE_UNPRIVILEGED);

    row.x.method.names = method->names;
    return row;
}

sd_bus_vtable *bus_vtable_new(const BusMethod *methods, const sd_bus_vtable *rest)
{
    const sd_bus_vtable start = SD_BUS_VTABLE_START(0);
    const sd_bus_vtable end = SD_BUS_VTABLE_END;
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(sd_bus_vtable));

    g_array_append_val(rows, start);
    for (; methods->member; methods++) {
        const sd_bus_vtable row = method_row(methods);
        g_array_append_val(rows, row);
    }
    for (; rest && rest->type; rest++) {
        g_array_append_vals(rows, rest, 1);
    }
    g_array_append_val(rows, end);
    return (sd_bus_vtable *)(gpointer)g_array_free(g_steal_pointer(&rows), FALSE);
}

BusMethod *bus_methods_join(const BusMethod *const *groups, gsize n_groups)
{
    g_autoptr(GArray) methods = g_array_new(TRUE, TRUE, sizeof(BusMethod));

    for (gsize i = 0; i < n_groups; i++) {
        for (const BusMethod *method = groups[i]; method->member; method++) {
            g_array_append_vals(methods, method, 1);
        }
    }
    return (BusMethod *)(gpointer)g_array_free(g_steal_pointer(&methods), FALSE);
}

void bus_calls_drop(BusServer *server)
{
    GList *link = bus_server_calls(server)->head;

    while (link) {
        BusCall *call = link->data;
        link = link->next;
        call->slot = sd_bus_slot_unref(call->slot);
        call->dropped = TRUE;
        if (!call->under_way) {
            call_free(call);
        }
    }
}
