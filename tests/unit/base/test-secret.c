/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void a_secret_holds_a_copy_of_its_own(void)
{
    char words[] = "open sesame";
    g_autoptr(Secret) secret = secret_new_copy(words, sizeof(words));

    memset(words, 'x', sizeof(words));
    g_assert_cmpuint(secret_size(secret), ==, sizeof(words));
    g_assert_cmpstr((const char *)secret_peek(secret), ==, "open sesame");
}

static void room_for_a_secret_is_zero(void)
{
    static const guint8 zeros[4096];
    g_autoptr(Secret) secret = secret_new(sizeof(zeros));

    g_assert_cmpmem(secret_peek(secret), secret_size(secret), zeros, sizeof(zeros));
}

static void it_lives_as_long_as_somebody_holds_it(void)
{
    Secret *secret = secret_new_copy("key", 4);
    Secret *same = secret_ref(secret);

    secret_unref(secret);
    g_assert_cmpstr((const char *)secret_peek(same), ==, "key");
    secret_unref(same);
    secret_unref(NULL);
}

static void wiping_leaves_zeros(void)
{
    guint8 key[32];
    static const guint8 zeros[32];

    memset(key, 7, sizeof(key));
    secret_wipe(key, sizeof(key));
    g_assert_cmpmem(key, sizeof(key), zeros, sizeof(zeros));
}

static guint times_told;

static void tell(void)
{
    times_told++;
}

/* In processes of their own: neither can be taken back. */
static void one_that_can_not_be_locked_is_told(void)
{
    const struct rlimit none = {0, 0};

#ifdef __SANITIZE_ADDRESS__
    g_test_skip("AddressSanitizer makes mlock() do nothing; the coverage build runs this");
    return;
#endif
    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    secret_watch_locks(tell);
    g_autoptr(Secret) locked = secret_new(32);
    g_assert_nonnull(locked);
    g_assert_cmpuint(times_told, ==, 0);
    g_assert_cmpint(setrlimit(RLIMIT_MEMLOCK, &none), ==, 0);
    if (geteuid() == 0) { /* root's locks have no limit */
        g_assert_cmpint(setuid(65534), ==, 0);
    }
    g_autoptr(Secret) secret = secret_new(32);
    g_assert_nonnull(secret);
    g_assert_cmpuint(times_told, ==, 1);
    g_autoptr(Secret) another = secret_new(32);
    g_assert_nonnull(another);
    g_assert_cmpuint(times_told, ==, 1);
    secret_watch_locks(tell); /* who asks late is told at once */
    g_assert_cmpuint(times_told, ==, 2);
}

static void a_hidden_process_leaves_no_dump(void)
{
    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    secret_process_hide();
    g_assert_cmpint(prctl(PR_GET_DUMPABLE), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/base/secret/" #promise, promise)
    TEST(a_secret_holds_a_copy_of_its_own);
    TEST(room_for_a_secret_is_zero);
    TEST(it_lives_as_long_as_somebody_holds_it);
    TEST(wiping_leaves_zeros);
    TEST(one_that_can_not_be_locked_is_told);
    TEST(a_hidden_process_leaves_no_dump);
    return g_test_run();
}
