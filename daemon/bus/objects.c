/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/objects.h"

#include "base/log-events.h"
#include "base/log.h"
#include "bus/app-object.h"
#include "bus/service-object.h"
#include "core/kinds.h"
#include "dbus/names.h"

typedef struct Objects {
    BusServer *server;
    GHashTable *apps;     /* client id -> AppObject */
    GHashTable *services; /* name -> ServiceObject */
} Objects;

/* One look into the store for the cache: the call, and what came of it until it is durable. */
typedef struct Look {
    Objects *objects;
    const Tenant *tenant;
    Caller caller;
    Id id;
    AppAsked app;
    ServiceAsked service;
    RunCall run;
    GPtrArray *apps; /* of App: found */
    gboolean gone;   /* the one that was asked for is not there */
    GArray *rows;    /* of ServiceRow: found */
} Look;

static void look_free(gpointer data)
{
    Look *look = data;

    g_clear_pointer(&look->rows, g_array_unref);
    g_clear_pointer(&look->apps, g_ptr_array_unref);
    caller_clear(&look->caller);
    g_free(look);
}

static Look *look_new(Objects *objects, const Tenant *tenant)
{
    Look *look = g_new0(Look, 1);

    look->objects = objects;
    look->tenant = tenant;
    look->caller = (Caller){.kind = CALLER_DAEMON, .tenant = tenant};
    look->app.caller = look->service.caller = &look->caller;
    return look;
}

static void look_broke(const Look *look, const char *what, Outcome outcome, const GError *error)
{
    const LogField fields[] = {{"TENANT", look->tenant->name}, {0}};

    log_event(
        LOG_LEVEL_ERR, LOG_EVENT_ACT_BROKEN, fields, "The bus can't show %s: %s", what,
        outcome == OUTCOME_BROKEN && error ? error->message : "refused");
}

static void apps_leave(gpointer data)
{
    Look *look = data;
    Objects *objects = look->objects;
    sd_bus *bus = bus_server_bus(objects->server);

    for (guint i = 0; look->apps && i < look->apps->len; i++) {
        const App *app = look->apps->pdata[i];
        if (!app->service) {
            app_object_show(objects->apps, objects->server, look->tenant, app, bus);
        }
    }
    if (look->gone) {
        app_object_hide(objects->apps, &look->id, bus);
    }
    look_free(look);
}

static void
apps_found(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    Look *look = data;
    AppAnswer *found = answer;

    if (outcome == OUTCOME_GRANTED) {
        look->apps = found->apps ? g_steal_pointer(&found->apps)
                                 : g_ptr_array_new_with_free_func((GDestroyNotify)app_free);
        if (found->app) {
            g_ptr_array_add(look->apps, g_steal_pointer(&found->app));
        }
    } else if (outcome == OUTCOME_DENIED && found->reason == REASON_NOT_FOUND) {
        look->gone = TRUE;
    } else {
        look_broke(look, "apps", outcome, error);
    }
    runner_hold(bus_server_runner(look->objects->server), point, apps_leave, look_free, look);
}

static void services_leave(gpointer data)
{
    Look *look = data;
    Objects *objects = look->objects;

    if (look->rows) {
        service_objects_set(
            objects->services, objects->server, look->rows, bus_server_bus(objects->server));
    }
    look_free(look);
}

static void row_clear(gpointer row)
{
    g_free(((ServiceRow *)row)->name);
}

/* A copy: who frees the names of the answer's rows is the act's own matter. */
static GArray *copy_rows(const GArray *rows)
{
    GArray *copy = g_array_new(FALSE, TRUE, sizeof(ServiceRow));

    g_array_set_clear_func(copy, row_clear);
    for (guint i = 0; rows && i < rows->len; i++) {
        ServiceRow row = g_array_index(rows, ServiceRow, i);
        row.name = g_strdup(row.name);
        g_array_append_val(copy, row);
    }
    return copy;
}

static void
services_found(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    Look *look = data;

    if (outcome == OUTCOME_GRANTED) {
        look->rows = copy_rows(((ServiceAnswer *)answer)->rows);
    } else {
        look_broke(look, "services", outcome, error);
    }
    runner_hold(bus_server_runner(look->objects->server), point, services_leave, look_free, look);
}

static void look_at_apps(Objects *objects, const Tenant *tenant, const Id *id)
{
    Look *look = look_new(objects, tenant);

    if (id) {
        look->id = *id;
        look->app.id = &look->id;
    }
    look->run = (RunCall){id ? &app_show_act : &app_list_act, &look->app, &look->caller};
    runner_run(bus_server_runner(objects->server), &look->run, apps_found, look);
}

static void look_at_services(Objects *objects, const Tenant *tenant)
{
    Look *look = look_new(objects, tenant);

    look->run = (RunCall){&service_list_act, &look->service, &look->caller};
    runner_run(bus_server_runner(objects->server), &look->run, services_found, look);
}

static void objects_heard(gpointer part, const Announcement *announcement)
{
    Objects *objects = part;
    const CoreConfig *config = runner_config(bus_server_runner(objects->server));
    const Tenant *tenant = core_config_tenant(config, announcement->tenant);

    if (!tenant) {
        return;
    }
    if (announcement->kind == KIND_APP) {
        look_at_apps(objects, tenant, &announcement->id);
    } else if (announcement->kind == KIND_SERVICE && tenant == core_config_pam_tenant(config)) {
        look_at_services(objects, tenant);
    }
}

static gpointer objects_new(BusServer *server)
{
    Objects *objects = g_new0(Objects, 1);
    const CoreConfig *config = runner_config(bus_server_runner(server));

    objects->server = server;
    objects->apps = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, app_object_free);
    objects->services = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, service_object_free);
    for (guint i = 0; i < config->tenants->len; i++) {
        look_at_apps(objects, config->tenants->pdata[i], NULL);
    }
    if (core_config_pam_tenant(config)) {
        look_at_services(objects, core_config_pam_tenant(config));
    }
    return objects;
}

static int objects_export(gpointer part, sd_bus *bus)
{
    Objects *objects = part;
    GHashTableIter iter;
    gpointer object = NULL;
    int r = 0;

    g_hash_table_iter_init(&iter, objects->apps);
    while (r >= 0 && g_hash_table_iter_next(&iter, NULL, &object)) {
        r = app_object_export(object, bus);
    }
    g_hash_table_iter_init(&iter, objects->services);
    while (r >= 0 && g_hash_table_iter_next(&iter, NULL, &object)) {
        r = service_object_export(object, bus);
    }
    return r;
}

static void objects_lost(gpointer part)
{
    Objects *objects = part;
    GHashTableIter iter;
    gpointer object = NULL;

    g_hash_table_iter_init(&iter, objects->apps);
    while (g_hash_table_iter_next(&iter, NULL, &object)) {
        app_object_lost(object);
    }
    g_hash_table_iter_init(&iter, objects->services);
    while (g_hash_table_iter_next(&iter, NULL, &object)) {
        service_object_lost(object);
    }
}

static void objects_free(gpointer part)
{
    Objects *objects = part;

    g_hash_table_unref(objects->apps);
    g_hash_table_unref(objects->services);
    g_free(objects);
}

const BusPart objects_part = {
    .new = objects_new,
    .export = objects_export,
    .lost = objects_lost,
    .heard = objects_heard,
    .free = objects_free,
};
