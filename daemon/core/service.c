/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/service.h"

#include "base/error.h"
#include "crypto/random.h"
#include "dbus/names.h"
#include "store/list.h"

#include <string.h>

#define SERVICES_MAX           256U
#define SERVICE_NAME_BYTES_MAX 64U

static const RecordField service_fields[] = {
    {.number = 1, "name", FIELD_TEXT, offsetof(Service, name)},
    {.number = 2, "app", FIELD_ID, offsetof(Service, app)},
    {.number = 3, "enabled", FIELD_BOOL, offsetof(Service, enabled)},
    {.number = 4, "born_usec", FIELD_I64, offsetof(Service, born_usec)},
    {.number = 0},
};

const RecordTable service_table =
    {.name = "service", .kind = KIND_SERVICE, .size = sizeof(Service), .fields = service_fields};

static const ListName all_services = {LIST_SERVICES, "all", 3};

void service_free(Service *service)
{
    record_free(&service_table, service);
}

const char *service_base_name(const char *name)
{
    if (g_str_equal(name, "sudo-i")) {
        return "sudo";
    }
    return g_str_equal(name, "su-l") ? "su" : name;
}

/* A module in front of these would hang the machine's own work. */
static gboolean never_asks(const char *name)
{
    static const char *const names[] = {ANTARA_MACHINE_SERVICES, NULL};

    return g_strv_contains(names, name);
}

gboolean service_raises(const char *name)
{
    static const char *const names[] = {"sudo", "su",     "polkit",  "polkit-1",
                                        "doas", "pkexec", "runuser", "runuser-l",
                                        "chsh", "chfn",   NULL};

    return g_strv_contains(names, service_base_name(name));
}

static gboolean name_is_good(const char *name)
{
    gsize chars = strlen(name);

    return chars > 0 && chars <= SERVICE_NAME_BYTES_MAX && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               chars;
}

gboolean service_can_ask(const char *name)
{
    return name_is_good(name) && !never_asks(name);
}

gboolean service_takes_codes(const CoreConfig *config, const char *name)
{
    const ServicePolicy *policy = core_config_service(config, service_base_name(name));

    return !policy || policy->code;
}

gboolean service_takes_devices(const CoreConfig *config, const char *name)
{
    const ServicePolicy *policy = core_config_service(config, service_base_name(name));

    return !policy || policy->device;
}

static gboolean service_load(Txn *txn, const char *name, Service **ret_service, GError **error)
{
    return record_load(txn, &service_table, name, strlen(name), (gpointer *)ret_service, error);
}

static gboolean service_save(Txn *txn, const Service *service, GError **error)
{
    return record_save(
        txn, &service_table, service->name, strlen(service->name), service, 0, error);
}

/* The app by whose slug the service knows people; its list names it by the app's id. */
static gboolean app_make(Txn *txn, const char *name, Id *ret_app, GError **error)
{
    App app = {
        .name = (char *)name,
        .redirect_uris = (char *[]){NULL},
        .scopes = (char *[]){NULL},
        .level = APP_PRIVATE,
        .state = APP_CLEAN,
        .service = TRUE,
        .born_usec = txn_now(txn),
    };

    random_id(&app.id);
    *ret_app = app.id;
    return app_save(txn, &app, error) && list_add(txn, &all_services, &app.id, error);
}

static gboolean
service_make(Txn *txn, const char *name, gboolean enabled, Service **ret_service, GError **error)
{
    g_autoptr(Service) service = g_new0(Service, 1);

    service->name = g_strdup(name);
    service->enabled = enabled;
    service->born_usec = txn_now(txn);
    if (!app_make(txn, name, &service->app, error) || !service_save(txn, service, error)) {
        return FALSE;
    }
    txn_announce(txn, KIND_SERVICE, &service->app, CHANGE_ADDED);
    *ret_service = g_steal_pointer(&service);
    return TRUE;
}

gboolean service_find(
    Txn *txn,
    const CoreConfig *config,
    const char *name,
    Service **ret_service,
    GError **error)
{
    const char *base = service_base_name(name);
    g_autoptr(Service) service = NULL;
    gboolean configured = core_config_service(config, base) != NULL;

    *ret_service = NULL;
    if (!service_can_ask(base)) {
        return TRUE;
    }
    if (!service_load(txn, base, &service, error) ||
        (configured && !service && !service_make(txn, base, FALSE, &service, error))) {
        return FALSE;
    }
    if (service && (configured || service->enabled)) {
        *ret_service = g_steal_pointer(&service);
    }
    return TRUE;
}

gboolean service_check_config(Txn *txn, const CoreConfig *config, GError **error)
{
    for (guint i = 0; i < config->services->len; i++) {
        const char *name = ((const ServicePolicy *)config->services->pdata[i])->name;
        g_autoptr(Service) service = NULL;
        if (!service_load(txn, name, &service, error) ||
            (!service && !service_make(txn, name, FALSE, &service, error))) {
            return FALSE;
        }
        if (service->enabled) {
            g_set_error(
                error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
                "[service %s] is enabled by antaractl too: take the section away and start, or "
                "disable it there first",
                name);
            return FALSE;
        }
    }
    return TRUE;
}

static Outcome refuse(PlainAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

static Outcome set_enabled(Txn *txn, Service *service, gboolean enabled, GError **error)
{
    service->enabled = enabled;
    txn_announce(txn, KIND_SERVICE, &service->app, CHANGE_CHANGED);
    return service_save(txn, service, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome service_enable(Txn *txn, const ServiceAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    const char *name = service_base_name(asked->name);
    g_autoptr(Service) service = NULL;

    if (!service_can_ask(name)) {
        return refuse(ret_answer, REASON_BAD_REQUEST);
    }
    if (core_config_service(asked->caller->config, name)) {
        return refuse(ret_answer, REASON_READ_ONLY);
    }
    if (!service_load(txn, name, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (!service) {
        return service_make(txn, name, TRUE, &service, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
    }
    return service->enabled ? refuse(ret_answer, REASON_EXISTS)
                            : set_enabled(txn, service, TRUE, error);
}

Outcome
service_disable(Txn *txn, const ServiceAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    const char *name = service_base_name(asked->name);
    g_autoptr(Service) service = NULL;

    if (core_config_service(asked->caller->config, name)) {
        return refuse(ret_answer, REASON_READ_ONLY);
    }
    if (!name_is_good(name)) {
        return refuse(ret_answer, REASON_NOT_FOUND);
    }
    if (!service_load(txn, name, &service, error)) {
        return OUTCOME_BROKEN;
    }
    if (!service || !service->enabled) {
        return refuse(ret_answer, REASON_NOT_FOUND);
    }
    txn_set_revoking(txn);
    return set_enabled(txn, service, FALSE, error);
}

static void row_clear(gpointer data)
{
    g_free(((ServiceRow *)data)->name);
}

static void answer_clear(gpointer data)
{
    ServiceAnswer *answer = data;

    g_clear_pointer(&answer->rows, g_array_unref);
}

static gboolean
row_add(Txn *txn, const CoreConfig *config, const Id *app_id, GArray *rows, GError **error)
{
    g_autoptr(App) app = NULL;
    g_autoptr(Service) service = NULL;

    if (!app_load(txn, app_id, &app, error) ||
        (app && !service_load(txn, app->name, &service, error))) {
        return FALSE;
    }
    if (service) {
        gboolean configured = core_config_service(config, service->name) != NULL;
        const ServiceRow row = {
            g_strdup(service->name), configured || service->enabled, configured, service->app};
        g_array_append_val(rows, row);
    }
    return TRUE;
}

Outcome service_list(Txn *txn, const ServiceAsked *asked, ServiceAnswer *ret_answer, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, &all_services, NULL, SERVICES_MAX, error);

    ret_answer->rows = g_array_new(FALSE, FALSE, sizeof(ServiceRow));
    g_array_set_clear_func(ret_answer->rows, row_clear);
    for (guint i = 0; ids && i < ids->len; i++) {
        if (!row_add(
                txn, asked->caller->config, &g_array_index(ids, Id, i), ret_answer->rows, error)) {
            return OUTCOME_BROKEN;
        }
    }
    return ids ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

ACT_DEFINE(service_enable, ServiceAsked, PlainAnswer, NULL);
ACT_DEFINE(service_disable, ServiceAsked, PlainAnswer, NULL);
ACT_DEFINE(service_list, ServiceAsked, ServiceAnswer, answer_clear);
