/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/service-object.h"

#include "dbus/names.h"

struct ServiceObject {
    BusObject object;
    char *name;
    char *path;
    gboolean enabled;
    gboolean configured;
    gboolean listed; /* by the list that is being compared */
    sd_bus_slot *slot;
};

static const BusMethod methods[] = {{0}};

static int get_property(
    G_GNUC_UNUSED sd_bus *bus,
    G_GNUC_UNUSED const char *path,
    G_GNUC_UNUSED const char *interface,
    const char *property,
    sd_bus_message *reply,
    void *data,
    G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const ServiceObject *self = data;

    if (g_str_equal(property, "Name")) {
        return sd_bus_message_append(reply, "s", self->name);
    }
    return sd_bus_message_append(
        reply, "b", g_str_equal(property, "Enabled") ? self->enabled : self->configured);
}

static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Name", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Enabled", "b", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Configured", "b", get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

int service_object_export(ServiceObject *object, sd_bus *bus)
{
    return sd_bus_add_object_vtable(
        bus, &object->slot, object->path, ANTARA_BUS_SERVICE, vtable, &object->object);
}

void service_object_lost(ServiceObject *object)
{
    object->slot = sd_bus_slot_unref(object->slot);
}

void service_object_free(gpointer object)
{
    ServiceObject *self = object;

    service_object_lost(self);
    g_free(self->name);
    free(self->path);
    g_free(self);
}

static ServiceObject *service_object_new(BusServer *server, const ServiceRow *row)
{
    ServiceObject *self = g_new0(ServiceObject, 1);

    self->object = (BusObject){.server = server, .methods = methods};
    self->name = g_strdup(row->name);
    g_assert(sd_bus_path_encode(ANTARA_BUS_SERVICES, row->name, &self->path) >= 0);
    return self;
}

static void service_object_set(ServiceObject *self, const ServiceRow *row, sd_bus *bus)
{
    const gboolean changed = self->enabled != row->enabled || self->configured != row->configured;

    self->enabled = row->enabled;
    self->configured = row->configured;
    if (!bus) {
        return;
    }
    if (self->slot) {
        if (changed) {
            (void)sd_bus_emit_properties_changed(
                bus, self->path, ANTARA_BUS_SERVICE, "Enabled", "Configured", NULL);
        }
    } else if (service_object_export(self, bus) >= 0) {
        (void)sd_bus_emit_interfaces_added(bus, self->path, ANTARA_BUS_SERVICE, NULL);
    }
}

static void drop_unlisted(GHashTable *services, sd_bus *bus)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, services);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        ServiceObject *self = value;
        if (!self->listed) {
            if (bus) {
                (void)sd_bus_emit_interfaces_removed(bus, self->path, ANTARA_BUS_SERVICE, NULL);
            }
            g_hash_table_iter_remove(&iter);
            continue;
        }
        self->listed = FALSE;
    }
}

void service_objects_set(GHashTable *services, BusServer *server, const GArray *rows, sd_bus *bus)
{
    for (guint i = 0; i < rows->len; i++) {
        const ServiceRow *row = &g_array_index(rows, ServiceRow, i);
        ServiceObject *self = g_hash_table_lookup(services, row->name);
        if (!self) {
            self = service_object_new(server, row);
            g_hash_table_insert(services, self->name, self);
        }
        self->listed = TRUE;
        service_object_set(self, row, bus);
    }
    drop_unlisted(services, bus);
}
