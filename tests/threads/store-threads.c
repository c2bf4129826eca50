/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * store-threads.c - writers, the store's own threads, and the one who answers: under
 * ThreadSanitizer this finds what is shared without a lock
 *
 * Only the main thread has a main context: ThreadSanitizer doesn't see GLib's own locks.
 */

#include "base/held.h"
#include "base/lock.h"
#include "store/list.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#define WRITERS 3U
#define COMMITS 400U
#define KIND    7U

#define SEGMENT_SMALL ((gsize)64 * 1024)

typedef struct Answer {
    guint64 point;
    gboolean *late; /* set when one leaves before its point is durable */
    Store *store;
    guint *left;
} Answer;

typedef struct Desk {
    Store *store;
    Bell *bell;
    Lock lock;
    GQueue handed; /* of Answer, from the writers */
    HeldQueue *held;
    StoreListener *listener;
    guint announced;
    guint left;
    gboolean late;
} Desk;

static gint64 now(G_GNUC_UNUSED gpointer data)
{
    return G_GINT64_CONSTANT(1800000000000000);
}

static void failed(const GError *error, G_GNUC_UNUSED gpointer data)
{
    g_error("%s", error->message);
}

static void leave(gpointer data)
{
    Answer *answer = data;

    *answer->late = *answer->late || store_durable_point(answer->store) < answer->point;
    (*answer->left)++;
    g_free(answer);
}

static void hand_over(Desk *desk, guint64 point)
{
    Answer *answer = g_new(Answer, 1);

    *answer = (Answer){point, &desk->late, desk->store, &desk->left};
    {
        LOCKED(&desk->lock);
        g_queue_push_tail(&desk->handed, answer);
    }
    bell_ring(desk->bell);
}

static void commit_one(Desk *desk, guint number)
{
    static const ListName list = {300, "all", 3};
    g_autoptr(Txn) txn = txn_begin(desk->store, "acme", NULL);
    g_autoptr(GBytes) value = g_bytes_new(&number, sizeof(number));
    guint64 point = 0;
    Id id = {{0}};

    memcpy(id.bytes, &number, sizeof(number));
    g_assert(txn_put(txn, KIND, &number, sizeof(number), value, 0, NULL));
    g_assert(list_add(txn, &list, &id, NULL));
    txn_announce(txn, KIND, &id, 1);
    g_assert(txn_commit(txn, &point, NULL) == TXN_COMMITTED);
    hand_over(desk, point);
}

static void read_one(Desk *desk, guint number)
{
    g_autoptr(Txn) txn = txn_begin(desk->store, "acme", NULL);
    g_autoptr(GBytes) value = NULL;
    guint64 point = 0;

    g_assert(txn_get(txn, KIND, &number, sizeof(number), &value, NULL) && value);
    g_assert(txn_commit(txn, &point, NULL) == TXN_COMMITTED);
    hand_over(desk, point);
}

typedef struct Writer {
    Desk *desk;
    guint number;
    pthread_t thread;
} Writer;

static void *write_many(void *data)
{
    const Writer *writer = data;

    for (guint i = 0; i < COMMITS; i++) {
        commit_one(writer->desk, i * WRITERS + writer->number);
        read_one(writer->desk, i * WRITERS + writer->number);
        (void)store_is_read_only(writer->desk->store);
    }
    return NULL;
}

static Answer *next_handed(Desk *desk)
{
    LOCKED(&desk->lock);

    return g_queue_pop_head(&desk->handed);
}

static void heard(gpointer data)
{
    Desk *desk = data;
    guint64 durable = store_durable_point(desk->store);

    for (Answer *answer; (answer = next_handed(desk));) {
        held_queue_add(desk->held, answer->point, durable, leave, g_free, answer);
    }
    held_queue_release(desk->held, durable);
    guint64 next = held_queue_next(desk->held);
    store_listener_wait(desk->listener, next ? next : STORE_WAIT_FOR_NOTHING);
    g_autoptr(GPtrArray) said = store_listener_take(desk->listener);
    desk->announced += said->len;
}

static void desk_open(Desk *desk, const char *dir, Kek *kek, const Clock *clock)
{
    static const char *const tenants[] = {"acme", NULL};
    const StoreOptions options = {
        .dir = dir,
        .kek = kek,
        .clock = clock,
        .tenants = tenants,
        .failed = failed,
        .segment_bytes = SEGMENT_SMALL};

    *desk = (Desk){.store = store_open(&options, NULL), .held = held_queue_new()};
    g_assert(desk->store && pthread_mutex_init(&desk->lock, NULL) == 0);
    g_queue_init(&desk->handed);
    desk->bell = bell_new(NULL, heard, desk);
    desk->listener = store_listen(desk->store, desk->bell, TRUE);
}

static void desk_close(Desk *desk)
{
    bell_mute(desk->bell);
    store_listener_free(desk->listener);
    bell_unref(desk->bell);
    held_queue_free(desk->held);
    g_assert(store_close(desk->store, NULL));
    g_assert(pthread_mutex_destroy(&desk->lock) == 0);
}

static void remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_assert(g_unlink(file) == 0);
    }
    g_assert(g_rmdir(path) == 0);
}

/* Upkeep of each kind, one after the other, while the writers write. */
static void *keep_up(void *data)
{
    Desk *desk = data;
    static const StoreWorkKind kinds[] = {
        STORE_WORK_CHECKPOINT, STORE_WORK_ROTATE, STORE_WORK_CHECK, STORE_WORK_BACKUP,
        STORE_WORK_CONFIRM};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GError) error = NULL;
        StoreWorkAsked asked = {.kind = kinds[i], .fd = -1};
        StoreStatus status;
        asked.kek =
            asked.kind == STORE_WORK_ROTATE ? kek_from_bytes((const guint8[KEK_BYTES]){2}) : NULL;
        asked.fd = asked.kind == STORE_WORK_BACKUP ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
        if (!store_work_ask(desk->store, &asked, &error) || !store_work_wait(desk->store, &error)) {
            g_error("%s", error->message);
        }
        store_status(desk->store, &status);
        g_assert(!status.read_only);
    }
    return NULL;
}

int main(void)
{
    g_autofree char *dir = g_dir_make_tmp("antara-threads-XXXXXX", NULL);
    g_autoptr(Kek) kek = kek_from_bytes((const guint8[KEK_BYTES]){1});
    const Clock clock = {now, now, NULL};
    Writer writers[WRITERS];
    pthread_t keeper;
    Desk desk;

    desk_open(&desk, dir, kek, &clock);
    for (guint i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){.desk = &desk, .number = i};
        g_assert(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]) == 0);
    }
    g_assert(pthread_create(&keeper, NULL, keep_up, &desk) == 0);
    while (desk.left < 2 * WRITERS * COMMITS || desk.announced < WRITERS * COMMITS) {
        (void)g_main_context_iteration(NULL, TRUE);
    }
    for (guint i = 0; i < WRITERS; i++) {
        g_assert(pthread_join(writers[i].thread, NULL) == 0);
    }
    g_assert(pthread_join(keeper, NULL) == 0);
    g_assert(!desk.late && desk.left == 2 * WRITERS * COMMITS);
    g_assert(desk.announced == WRITERS * COMMITS);
    desk_close(&desk);
    remove_dir(dir);
    return 0;
}
