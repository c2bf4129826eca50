/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-rewrap.c - a rotation of the KEK, whole and cut off at each of its steps (row K8) */

#include "core/rewrap.h"

#include "core/account.h"
#include "house.h"
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ACCOUNTS      12U
#define SEGMENT_SMALL ((gsize)16 * 1024)

static gint calls_left; /* atomic: changes to a file or the directory; then each fails */

typedef struct Desk {
    char *dir;
    Clock clock;
    StoreFiles files;
    Store *store;
    gint failures; /* atomic */
    Id accounts[ACCOUNTS];
} Desk;

static gboolean may_go_on(void)
{
    errno = EIO;
    return __atomic_sub_fetch(&calls_left, 1, __ATOMIC_ACQ_REL) >= 0;
}

static int counted_open(const char *path, int flags, mode_t mode)
{
    return !(flags & O_CREAT) || may_go_on() ? store_files_system()->open(path, flags, mode) : -1;
}

static ssize_t counted_pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return may_go_on() ? pwrite(fd, data, size, offset) : -1;
}

static int counted_fsync(int fd)
{
    return may_go_on() ? fsync(fd) : -1;
}

static int counted_fdatasync(int fd)
{
    return may_go_on() ? fdatasync(fd) : -1;
}

static int counted_rename(const char *from, const char *to)
{
    return may_go_on() ? rename(from, to) : -1;
}

static int counted_unlink(const char *path)
{
    return may_go_on() ? unlink(path) : -1;
}

static gint64 now(G_GNUC_UNUSED gpointer data)
{
    return HOUSE_START_USEC;
}

static void failed(G_GNUC_UNUSED const GError *error, gpointer data)
{
    (void)__atomic_add_fetch(&((Desk *)data)->failures, 1, __ATOMIC_ACQ_REL);
}

static Kek *kek_number(guint number)
{
    guint8 bytes[KEK_BYTES] = {1};

    memcpy(bytes + 1, &number, sizeof(number));
    return kek_from_bytes(bytes);
}

static gboolean desk_open(Desk *desk, guint kek_now, GError **error)
{
    static const char *const tenants[] = {HOUSE_TENANT, NULL};
    g_autoptr(Kek) kek = kek_number(kek_now);
    const StoreOptions options = {
        .dir = desk->dir,
        .kek = kek,
        .clock = &desk->clock,
        .tenants = tenants,
        .failed = failed,
        .data = desk,
        .files = &desk->files,
        .rewrap = email_rewrap,
        .segment_bytes = SEGMENT_SMALL,
    };

    __atomic_store_n(&calls_left, G_MAXINT / 2, __ATOMIC_RELEASE);
    desk->store = store_open(&options, error);
    return desk->store != NULL;
}

static void opens(Desk *desk, guint kek_now)
{
    g_autoptr(GError) error = NULL;

    (void)desk_open(desk, kek_now, &error);
    g_assert_no_error(error);
}

static void desk_close(Desk *desk)
{
    (void)store_close(g_steal_pointer(&desk->store), NULL); /* where calls fail it can't be clean */
}

static char *email_of(guint number)
{
    return g_strdup_printf("person-%u@example.org", number);
}

static void make_accounts(Desk *desk)
{
    for (guint i = 0; i < ACCOUNTS; i++) {
        g_autoptr(Txn) txn = txn_begin(desk->store, HOUSE_TENANT, NULL);
        g_autoptr(Account) account = NULL;
        g_autofree char *email = email_of(i);
        guint64 point = 0;
        g_assert_true(account_make(txn, email, email, NULL, &account, NULL));
        desk->accounts[i] = account->id;
        g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
        while (store_durable_point(desk->store) < point) {
            g_thread_yield(); /* meson's time limit ends a test that waits for ever */
        }
    }
}

static void all_emails_are_readable(Desk *desk)
{
    for (guint i = 0; i < ACCOUNTS; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Txn) txn = txn_begin(desk->store, HOUSE_TENANT, NULL);
        g_autoptr(Account) account = NULL;
        g_autofree char *expected = email_of(i);
        g_assert_true(account_load(txn, &desk->accounts[i], &account, &error));
        g_autofree char *email = account_email(txn, account, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(email, ==, expected);
    }
}

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    *desk = (Desk){.clock = {now, now, NULL}, .files = *store_files_system()};
    desk->files.open = counted_open;
    desk->files.pwrite = counted_pwrite;
    desk->files.fsync = counted_fsync;
    desk->files.fdatasync = counted_fdatasync;
    desk->files.rename = counted_rename;
    desk->files.unlink = counted_unlink;
    desk->dir = g_dir_make_tmp("antara-rewrap-XXXXXX", NULL);
    opens(desk, 0);
    make_accounts(desk);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk_close(desk);
    g_autoptr(GDir) dir = g_dir_open(desk->dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(desk->dir, name, NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->dir);
}

static gboolean rotate(Desk *desk, guint kek_next, GError **error)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_ROTATE, .fd = -1, .kek = kek_number(kek_next)};

    return store_work_ask(desk->store, &asked, error) && store_work_wait(desk->store, error);
}

static void has_kek(const char *found, guint number)
{
    g_autoptr(Kek) kek = kek_number(number);

    g_assert_cmpstr(found, ==, kek_id(kek));
}

static void
the_old_kek_is_removable_only_when_nothing_needs_it(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    StoreStatus status;

    store_status(desk->store, &status);
    g_assert_cmpstr(status.kek_removable, ==, "");
    g_assert_cmpstr(status.kek_next, ==, "");
    (void)rotate(desk, 1, &error);
    g_assert_no_error(error);
    all_emails_are_readable(desk);

    store_status(desk->store, &status);
    g_assert_false(status.rotating);
    has_kek(status.kek, 0);
    has_kek(status.kek_next, 1);
    g_assert_cmpstr(status.kek_removable, ==, ""); /* the configuration names it */
    g_assert_false(rotate(desk, 2, &error));
    g_assert_nonnull(strstr(error->message, "first start antarad with the KEK"));
    g_clear_error(&error);

    desk_close(desk);
    opens(desk, 0); /* nobody changed the configuration yet */
    all_emails_are_readable(desk);
    desk_close(desk);
    opens(desk, 1);
    all_emails_are_readable(desk);
    store_status(desk->store, &status);
    g_assert_cmpstr(status.kek_next, ==, "");
    has_kek(status.kek_removable, 0);
    desk_close(desk);
    g_assert_false(desk_open(desk, 0, &error));
    g_assert_nonnull(strstr(error->message, "needs another KEK"));
    opens(desk, 1);
}

static void the_same_kek_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(rotate(desk, 0, &error));
    g_assert_nonnull(strstr(error->message, "the KEK in use"));
    all_emails_are_readable(desk);
}

/* What was cut off goes on by itself at the next start. */
static void wait_for_the_end(Desk *desk)
{
    g_autoptr(GError) error = NULL;
    StoreStatus status;

    (void)store_work_wait(desk->store, &error);
    g_assert_no_error(error);
    store_status(desk->store, &status);
    g_assert_false(status.rotating);
}

static void
k8_cut_off_at_any_step_all_emails_are_readable(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    guint kek = 0;
    gboolean whole = FALSE;

    for (gint calls = 0; !whole; calls++) {
        StoreStatus status;
        g_assert_cmpint(calls, <, 500);
        __atomic_store_n(&calls_left, calls, __ATOMIC_RELEASE);
        whole = rotate(desk, kek + 1, NULL);
        desk_close(desk);
        opens(desk, kek);
        all_emails_are_readable(desk);
        wait_for_the_end(desk);
        all_emails_are_readable(desk);
        store_status(desk->store, &status);
        if (*status.kek_next) {
            has_kek(status.kek_next, ++kek);
            desk_close(desk);
            opens(desk, kek);
            all_emails_are_readable(desk);
        }
    }
    g_assert_cmpuint(kek, >, 10);
}

/* The one cut after which a start with the new KEK alone must do: the administrator was quick. */
static void
after_any_cut_that_left_it_begun_the_new_kek_opens_too(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    guint kek = 0;
    guint begun = 0;
    guint pending = 0;
    StoreStatus status;

    for (gint calls = 0; calls < 60; calls++) {
        g_autoptr(GError) error = NULL;
        __atomic_store_n(&calls_left, calls, __ATOMIC_RELEASE);
        (void)rotate(desk, kek + 1, NULL);
        desk_close(desk);
        if (desk_open(desk, kek + 1, &error)) {
            begun++;
            kek++;
        } else {
            g_assert_nonnull(strstr(error->message, "needs another KEK"));
            opens(desk, kek);
        }
        store_status(desk->store, &status);
        pending += status.rotating;
        g_assert_false(status.rotating && *status.kek_removable);
        all_emails_are_readable(desk);
        wait_for_the_end(desk);
        all_emails_are_readable(desk);
    }
    g_assert_cmpuint(pending, >, 10);
    g_assert_cmpuint(begun, >, 10);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/core/rewrap/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(the_old_kek_is_removable_only_when_nothing_needs_it);
    TEST(the_same_kek_is_refused);
    TEST(k8_cut_off_at_any_step_all_emails_are_readable);
    TEST(after_any_cut_that_left_it_begun_the_new_kek_opens_too);
    return g_test_run();
}
