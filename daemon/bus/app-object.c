/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/app-object.h"

#include "bus/app-rows.h"
#include "dbus/names.h"

struct AppObject {
    BusObject object;
    const Tenant *tenant;
    Id id;
    char client_id[ID_TEXT_CHARS + 1];
    char *path;
    App *app;
    sd_bus_slot *slot;
};

static gboolean read_own(BusCall *call, gpointer asked, G_GNUC_UNUSED GError **error)
{
    const AppObject *self = (const AppObject *)call->object;

    /* The object may be gone before the act runs: keep an id of our own. */
    call->caller.tenant = self->tenant;
    ((AppAsked *)asked)->id = bus_call_own(call, g_memdup2(&self->id, sizeof(Id)));
    return TRUE;
}

static gboolean read_set(BusCall *call, gpointer asked, GError **error)
{
    return read_own(call, asked, error) && bus_app_read_settings(call, asked, error);
}

static const BusMethod methods[] = {
    {.member = "Set",
     .in = "a{sv}",
     .out = "",
     .names = "settings\0",
     .action = BUS_APP_ACTION,
     .act = &app_set_act,
     .asked_size = sizeof(AppAsked),
     .read = read_set,
     .problem = bus_app_problem},
    {.member = "Remove",
     .in = "",
     .out = "",
     .names = "",
     .action = BUS_APP_ACTION,
     .act = &app_remove_act,
     .asked_size = sizeof(AppAsked),
     .read = read_own},
    {0},
};

static int get_property(
    G_GNUC_UNUSED sd_bus *bus,
    G_GNUC_UNUSED const char *path,
    G_GNUC_UNUSED const char *interface,
    const char *property,
    sd_bus_message *reply,
    void *data,
    G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const AppObject *self = data;

    switch (*property) {
    case 'T':
        return sd_bus_message_append(reply, "s", self->tenant->name);
    case 'C':
        return sd_bus_message_append(reply, "s", self->client_id);
    case 'N':
        return sd_bus_message_append(reply, "s", self->app->name);
    case 'R':
        return sd_bus_message_append_strv(reply, self->app->redirect_uris);
    case 'L':
        return sd_bus_message_append(reply, "s", bus_app_level(self->app->level));
    default:
        break;
    }
    return g_str_equal(property, "Scopes")
               ? sd_bus_message_append_strv(reply, self->app->scopes)
               : sd_bus_message_append(reply, "s", bus_app_state(self->app->state));
}

static const sd_bus_vtable properties[] = {
    SD_BUS_PROPERTY("Tenant", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("ClientId", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Name", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("RedirectUris", "as", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Scopes", "as", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Level", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("State", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    {0},
};

/* sd-bus keeps the pointer, so there is one for the life of the process. */
static const sd_bus_vtable *vtable(void)
{
    static const sd_bus_vtable *made;

    if (!made) {
        made = bus_vtable_new(methods, properties);
    }
    return made;
}

int app_object_export(AppObject *object, sd_bus *bus)
{
    return sd_bus_add_object_vtable(
        bus, &object->slot, object->path, ANTARA_BUS_APP, vtable(), &object->object);
}

void app_object_lost(AppObject *object)
{
    object->slot = sd_bus_slot_unref(object->slot);
}

void app_object_free(gpointer object)
{
    AppObject *self = object;

    app_object_lost(self);
    app_free(self->app);
    free(self->path);
    g_free(self);
}

static AppObject *app_object_new(BusServer *server, const Tenant *tenant, const App *app)
{
    AppObject *self = g_new0(AppObject, 1);

    self->object = (BusObject){.server = server, .methods = methods};
    self->tenant = tenant;
    self->id = app->id;
    id_to_text(&app->id, self->client_id);
    g_assert(sd_bus_path_encode(ANTARA_BUS_APPS, self->client_id, &self->path) >= 0);
    return self;
}

/* What the properties show, and nothing else of it. */
static App *copy_public(const App *app)
{
    App *copy = g_new0(App, 1);

    copy->name = g_strdup(app->name);
    copy->redirect_uris = g_strdupv(app->redirect_uris);
    copy->scopes = g_strdupv(app->scopes);
    copy->level = app->level;
    copy->state = app->state;
    return copy;
}

static void tell_changes(const AppObject *self, const App *before, sd_bus *bus)
{
    const App *now = self->app;
    char *names[6] = {NULL};
    guint n_names = 0;

    if (g_strcmp0(before->name, now->name) != 0) {
        names[n_names++] = (char *)"Name";
    }
    if (!g_strv_equal(
            (const char *const *)before->redirect_uris, (const char *const *)now->redirect_uris)) {
        names[n_names++] = (char *)"RedirectUris";
    }
    if (!g_strv_equal((const char *const *)before->scopes, (const char *const *)now->scopes)) {
        names[n_names++] = (char *)"Scopes";
    }
    if (before->level != now->level) {
        names[n_names++] = (char *)"Level";
    }
    if (before->state != now->state) {
        names[n_names++] = (char *)"State";
    }
    if (n_names) {
        (void)sd_bus_emit_properties_changed_strv(bus, self->path, ANTARA_BUS_APP, names);
    }
}

void app_object_show(
    GHashTable *apps,
    BusServer *server,
    const Tenant *tenant,
    const App *app,
    sd_bus *bus)
{
    char client_id[ID_TEXT_CHARS + 1];

    id_to_text(&app->id, client_id);
    AppObject *self = g_hash_table_lookup(apps, client_id);
    const gboolean is_new = !self;
    if (is_new) {
        self = app_object_new(server, tenant, app);
        g_hash_table_insert(apps, self->client_id, self);
    }
    g_autoptr(App) before = self->app;
    self->app = copy_public(app);
    if (!bus) {
        return;
    }
    if (!is_new) {
        tell_changes(self, before, bus);
    } else if (app_object_export(self, bus) >= 0) {
        (void)sd_bus_emit_interfaces_added(bus, self->path, ANTARA_BUS_APP, NULL);
    }
}

void app_object_hide(GHashTable *apps, const Id *id, sd_bus *bus)
{
    char client_id[ID_TEXT_CHARS + 1];

    id_to_text(id, client_id);
    const AppObject *self = g_hash_table_lookup(apps, client_id);
    if (self && bus) {
        (void)sd_bus_emit_interfaces_removed(bus, self->path, ANTARA_BUS_APP, NULL);
    }
    g_hash_table_remove(apps, client_id);
}
