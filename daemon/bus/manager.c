/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/manager.h"

#include "core/keep.h"
#include "core/outbox.h"
#include "dbus/names.h"

typedef struct Manager {
    BusObject object;
    Progress *progress;
    BusMethod *methods; /* all rows, joined */
    sd_bus_vtable *vtable;
} Manager;

static int append_text(sd_bus_message *reply, const char *key, const char *text)
{
    return sd_bus_message_append(reply, "{sv}", key, "s", text);
}

static int append_flag(sd_bus_message *reply, const char *key, gboolean flag)
{
    return sd_bus_message_append(reply, "{sv}", key, "b", flag);
}

static int append_count(sd_bus_message *reply, const char *key, guint count)
{
    return sd_bus_message_append(reply, "{sv}", key, "u", count);
}

/* The words of a mail server may name a person: they are for root. */
static int append_mail(BusCall *call, const OutboxAnswer *outbox, sd_bus_message *reply)
{
    const BusStatus *status = bus_server_status(call->object->server);
    g_autofree char *problem = status->mail_problem ? status->mail_problem(status->data) : NULL;

    int r = append_count(reply, "mail_waiting", outbox->waiting);
    r = r < 0 ? r : sd_bus_message_append(reply, "{sv}", "mail_oldest", "x", outbox->oldest_usec);
    r = r < 0 ? r : append_flag(reply, "mail_working", problem == NULL);
    return r < 0 || !problem || call->caller.uid != 0 ? r
                                                      : append_text(reply, "mail_problem", problem);
}

static int append_daemon(BusCall *call, sd_bus_message *reply)
{
    const BusStatus *status = bus_server_status(call->object->server);
    const Runner *runner = bus_server_runner(call->object->server);

    int r = append_text(reply, "version", ANTARA_VERSION);
    r = r < 0 ? r : append_flag(reply, "read_only", runner_is_read_only(runner));
    r = r < 0 || !status->kek_source
            ? r
            : append_text(reply, "kek_source", status->kek_source(status->data));
    return r < 0 || !status->http_connections
               ? r
               : append_count(reply, "http_connections", status->http_connections(status->data));
}

static int append_size(sd_bus_message *reply, const char *key, guint64 size)
{
    return sd_bus_message_append(reply, "{sv}", key, "t", size);
}

static int append_time(sd_bus_message *reply, const char *key, gint64 usec)
{
    return sd_bus_message_append(reply, "{sv}", key, "x", usec);
}

static int append_keks(sd_bus_message *reply, const StoreStatus *store)
{
    int r = append_text(reply, "kek", store->kek);

    r = r < 0 ? r : append_flag(reply, "kek_rotating", store->rotating);
    r = r < 0 || !*store->kek_next ? r : append_text(reply, "kek_next", store->kek_next);
    return r < 0 || !*store->kek_removable
               ? r
               : append_text(reply, "kek_removable", store->kek_removable);
}

static int append_store(BusCall *call, sd_bus_message *reply)
{
    StoreStatus store;

    keep_status(bus_server_runner(call->object->server), &store);
    int r = append_flag(reply, "clock_leapt", store.clock_leapt);
    r = r < 0 || !store.restored_usec ? r : append_time(reply, "restored", store.restored_usec);
    r = r < 0 ? r : append_size(reply, "records", store.records);
    r = r < 0 ? r : append_size(reply, "table_bytes", store.table_bytes);
    r = r < 0 ? r : append_size(reply, "snapshot_bytes", store.snapshot_bytes);
    r = r < 0 ? r : append_size(reply, "journal_bytes", store.journal_bytes);
    r = r < 0 || !store.snapshot_usec ? r
                                      : append_time(reply, "snapshot_made", store.snapshot_usec);
    r = r < 0 ? r : append_size(reply, "room_needed", store.room_needed);
    r = r < 0 ? r : append_size(reply, "room_there", store.room_there);
    return r < 0 ? r : append_keks(reply, &store);
}

static int append_tenant(BusCall *call, sd_bus_message *reply)
{
    const Tenant *tenant = call->caller.tenant;
    const CoreConfig *config = runner_config(bus_server_runner(call->object->server));

    int r = append_text(reply, "tenant", tenant->name);
    r = r < 0 ? r : append_text(reply, "issuer", tenant->issuer);
    r = r < 0 ? r : append_count(reply, "tenants", config->tenants->len);
    return r < 0 ? r : append_text(reply, "host", config->host_name ? config->host_name : "");
}

static int reply_status(BusCall *call, gpointer answer, sd_bus_message *reply)
{
    int r = sd_bus_message_open_container(reply, 'a', "{sv}");

    r = r < 0 ? r : append_daemon(call, reply);
    r = r < 0 ? r : append_store(call, reply);
    r = r < 0 ? r : append_tenant(call, reply);
    r = r < 0 ? r : append_mail(call, answer, reply);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static gboolean read_status(BusCall *call, G_GNUC_UNUSED gpointer asked, GError **error)
{
    return bus_read_tenant(call, error);
}

static const BusMethod status_methods[] = {
    {.member = "Status",
     .in = "s",
     .out = "a{sv}",
     .names = "tenant\0status\0",
     .act = &outbox_look_act,
     .asked_size = sizeof(OutboxAsked),
     .read = read_status,
     .reply = reply_status},
    {0},
};

static const BusMethod *const groups[] = {
    status_methods,       manager_app_methods,       manager_key_methods,   manager_account_methods,
    manager_host_methods, manager_known_key_methods, manager_store_methods,
};

Progress *manager_progress(const BusObject *object)
{
    return ((const Manager *)(gconstpointer)object)->progress;
}

static gpointer manager_new(BusServer *server)
{
    Manager *manager = g_new0(Manager, 1);

    manager->methods = bus_methods_join(groups, G_N_ELEMENTS(groups));
    manager->object = (BusObject){.server = server, .methods = manager->methods};
    manager->vtable = bus_vtable_new(manager->methods, manager_store_properties);
    manager->progress = progress_new(server);
    return manager;
}

static int manager_export(gpointer part, sd_bus *bus)
{
    Manager *manager = part;

    return sd_bus_add_object_vtable(
        bus, NULL, ANTARA_BUS_PATH, ANTARA_BUS_MANAGER, manager->vtable, &manager->object);
}

static void manager_free(gpointer part)
{
    Manager *manager = part;

    progress_free(manager->progress);
    g_free(manager->vtable);
    g_free(manager->methods);
    g_free(manager);
}

const BusPart manager_part = {.new = manager_new, .export = manager_export, .free = manager_free};
