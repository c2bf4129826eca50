/* SPDX-License-Identifier: GPL-3.0-or-later */

/* manager-store.c - long work on the store: rotation, backup, check; and how far it is */

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/manager.h"
#include "core/keep.h"
#include "dbus/names.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACTION_STORE  "org.antara1.manage-store"
#define LOOK_MSEC     100U /* how often progress is told while it moves */
#define PROGRESS_TYPE "(sstts)"

struct Progress {
    BusServer *server;
    StoreWork told;
    guint timer; /* source id; 0: nothing is under way */
};

static const char *const kinds[] = {"",      "checkpoint", "rotate", "backup",
                                    "check", "confirm",    "signing"};
static const char *const states[] = {"waiting", "running", "done", "failed"};

static int property_progress(
    G_GNUC_UNUSED sd_bus *bus,
    G_GNUC_UNUSED const char *path,
    G_GNUC_UNUSED const char *interface,
    G_GNUC_UNUSED const char *property,
    sd_bus_message *reply,
    void *data,
    G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const BusObject *object = data;
    StoreWork work;

    keep_look(bus_server_runner(object->server), &work);
    return sd_bus_message_append(
        reply, PROGRESS_TYPE, kinds[work.kind], work.number ? states[work.state] : "", work.done,
        work.total, work.words);
}

static int property_read_only(
    G_GNUC_UNUSED sd_bus *bus,
    G_GNUC_UNUSED const char *path,
    G_GNUC_UNUSED const char *interface,
    G_GNUC_UNUSED const char *property,
    sd_bus_message *reply,
    void *data,
    G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const BusObject *object = data;

    return sd_bus_message_append(
        reply, "b", runner_is_read_only(bus_server_runner(object->server)));
}

const sd_bus_vtable manager_store_properties[] = {
    SD_BUS_PROPERTY(
        "Progress",
        PROGRESS_TYPE,
        property_progress,
        0,
        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("ReadOnly", "b", property_read_only, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    {0},
};

static gboolean has_ended(const StoreWork *work)
{
    return work->number == 0 || work->state >= STORE_WORK_DONE;
}

static gboolean has_moved(const StoreWork *told, const StoreWork *now)
{
    return told->number != now->number || told->state != now->state || told->done != now->done ||
           told->total != now->total;
}

static void log_end(const StoreWork *work)
{
    gboolean failed = work->state == STORE_WORK_FAILED;
    const LogField fields[] = {{"WORK", kinds[work->kind]}, {0}};

    log_event(
        failed ? LOG_LEVEL_ERR : LOG_LEVEL_NOTICE, LOG_EVENT_STORE_WORK, fields,
        "Work on the store %s: %s%s%s", failed ? "failed" : "is done", kinds[work->kind],
        *work->words ? ": " : "", work->words);
}

static void emit(const Progress *progress, const char *property)
{
    sd_bus *bus = bus_server_bus(progress->server);

    if (bus) {
        (void)sd_bus_emit_properties_changed(
            bus, ANTARA_BUS_PATH, ANTARA_BUS_MANAGER, property, NULL);
    }
}

static void read_only_changed(gboolean read_only, gpointer data)
{
    const Progress *progress = data;

    if (read_only) {
        log_event(
            LOG_LEVEL_ERR, LOG_EVENT_STORE_READ_ONLY, NULL,
            "The disk of the state directory is full: nobody can sign in until there is room");
    } else {
        log_event(
            LOG_LEVEL_NOTICE, LOG_EVENT_STORE_WRITABLE, NULL,
            "There is room on the disk again: the store takes writes");
    }
    emit(progress, "ReadOnly");
}

static gboolean look(gpointer data)
{
    Progress *progress = data;
    StoreWork now;

    keep_look(bus_server_runner(progress->server), &now);
    if (has_moved(&progress->told, &now)) {
        emit(progress, "Progress");
    }
    progress->told = now;
    if (!has_ended(&now)) {
        return G_SOURCE_CONTINUE;
    }
    log_end(&now);
    progress->timer = 0;
    return G_SOURCE_REMOVE;
}

Progress *progress_new(BusServer *server)
{
    Progress *progress = g_new0(Progress, 1);

    progress->server = server;
    runner_watch_read_only(bus_server_runner(server), read_only_changed, progress);
    keep_look(bus_server_runner(server), &progress->told);
    if (!has_ended(&progress->told)) { /* what was cut off goes on */
        progress_follow(progress);
    }
    return progress;
}

void progress_follow(Progress *progress)
{
    if (!progress->timer) {
        progress->timer = g_timeout_add(LOOK_MSEC, look, progress);
    }
}

void progress_free(Progress *progress)
{
    g_clear_handle_id(&progress->timer, g_source_remove);
    g_free(progress);
}

static gboolean ask(BusCall *call, const StoreWorkAsked *asked, GError **error)
{
    if (!keep_ask(bus_server_runner(call->object->server), asked, error)) {
        return FALSE;
    }
    progress_follow(manager_progress(call->object));
    return TRUE;
}

/* A descriptor of our own; -1 with an error. */
static int take_fd(BusCall *call, GError **error)
{
    int theirs = -1;

    (void)sd_bus_message_rewind(call->message, 1);
    int r = sd_bus_message_read(call->message, "h", &theirs);
    int fd = r < 0 ? -1 : fcntl(theirs, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "the descriptor can't be taken: %s",
            g_strerror(r < 0 ? -r : errno));
    }
    return fd;
}

/* Exactly its bytes, and nothing that could make us wait. */
static Kek *take_kek(BusCall *call, GError **error)
{
    guint8 bytes[KEK_BYTES + 1];
    int fd = take_fd(call, error);
    if (fd < 0) {
        return NULL;
    }
    ssize_t got = pread(fd, bytes, sizeof(bytes), 0);
    (void)close(fd);
    Kek *kek = got == KEK_BYTES ? kek_from_bytes(bytes) : NULL;
    secret_wipe(bytes, sizeof(bytes));
    if (!kek) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED,
            "this is no KEK: a file of %u bytes is needed; antarad --make-kek FILE makes one",
            KEK_BYTES);
    }
    return kek;
}

static gboolean start_rotate(BusCall *call, GError **error)
{
    Kek *kek = take_kek(call, error);
    const StoreWorkAsked asked = {.kind = STORE_WORK_ROTATE, .fd = -1, .kek = kek};

    return kek && ask(call, &asked, error);
}

/* A pipe that nobody reads would hold the thread that writes to it for ever. */
static gboolean is_file(int fd, GError **error)
{
    struct stat status;

    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        return TRUE;
    }
    g_set_error_literal(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "a backup is written to a regular file");
    return FALSE;
}

static gboolean start_backup(BusCall *call, GError **error)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_BACKUP, .fd = take_fd(call, error)};

    if (asked.fd < 0) {
        return FALSE;
    }
    if (!is_file(asked.fd, error)) {
        (void)close(asked.fd);
        return FALSE;
    }
    return ask(call, &asked, error);
}

static gboolean start_check(BusCall *call, GError **error)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_CHECK, .fd = -1};

    return ask(call, &asked, error);
}

static gboolean start_confirm(BusCall *call, GError **error)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_CONFIRM, .fd = -1};

    return ask(call, &asked, error);
}

static gboolean start_signing(BusCall *call, GError **error)
{
    int compromised = FALSE;

    (void)sd_bus_message_rewind(call->message, 1);
    if (!bus_read_tenant(call, error)) {
        return FALSE;
    }
    if (sd_bus_message_read(call->message, "b", &compromised) <= 0) {
        g_set_error_literal(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "it is not said whether the keys leaked");
        return FALSE;
    }
    const StoreWorkAsked asked = {
        .kind = STORE_WORK_SIGNING,
        .fd = -1,
        .tenant = call->caller.tenant->name,
        .forget = compromised};
    return ask(call, &asked, error);
}

static gboolean believe(BusCall *call, G_GNUC_UNUSED GError **error)
{
    keep_believe_clock(bus_server_runner(call->object->server));
    return TRUE;
}

const BusMethod manager_store_methods[] = {
    {.member = "RotateKek",
     .in = "h",
     .out = "",
     .names = "kek\0",
     .action = ACTION_STORE,
     .start = start_rotate},
    {.member = "Backup",
     .in = "h",
     .out = "",
     .names = "target\0",
     .action = ACTION_STORE,
     .start = start_backup},
    {.member = "RotateSigningKey",
     .in = "sb",
     .out = "",
     .names = "tenant\0compromised\0",
     .action = ACTION_STORE,
     .start = start_signing},
    {.member = "Check",
     .in = "",
     .out = "",
     .names = "",
     .action = ACTION_STORE,
     .start = start_check},
    {.member = "ConfirmRestore",
     .in = "",
     .out = "",
     .names = "",
     .action = ACTION_STORE,
     .start = start_confirm},
    {.member = "BelieveClock",
     .in = "",
     .out = "",
     .names = "",
     .action = ACTION_STORE,
     .start = believe},
    {0},
};
