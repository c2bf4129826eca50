/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * test-collision.c - ids that are chosen to meet in one bucket of GDBM
 *
 * GDBM adds each byte of a key, shifted by 5 bits times its place, modulo 24: bytes that stand 24
 * places apart weigh the same. So texts of one length whose pairs of such bytes have the same sums
 * have one hash. As keys of a file they make it unwritable; as ids of records they are nothing
 * special, since a physical key is a MAC.
 */

#include "shelf.h"

#include <gdbm.h>
#include <glib/gstdio.h>
#include <string.h>

#define IDS   200U
#define CHARS 48U
#define KIND  7U

/* Number @number in digits of base 8, each of which moves weight between two bytes. */
static void collide(guint number, char ret_id[CHARS + 1])
{
    memset(ret_id, 'm', CHARS);
    ret_id[CHARS] = '\0';
    for (guint i = 0; number > 0; i++, number /= 8) {
        ret_id[i] = (char)('m' - number % 8);
        ret_id[i + 24] = (char)('m' + number % 8);
    }
}

static guint hash_of(const char *text)
{
    guint value = 0x238F13AFU * (guint)strlen(text);

    for (guint i = 0; text[i]; i++) {
        value = (value + ((guint)(guint8)text[i] << (i * 5 % 24))) & 0x7FFFFFFFU;
    }
    return (1103515243U * value + 12345U) & 0x7FFFFFFFU;
}

/* The control: how many of them GDBM takes as they are. */
static guint taken_by_gdbm(const char *path)
{
    GDBM_FILE file = gdbm_open(path, 4096, GDBM_NEWDB | GDBM_NOMMAP, 0600, NULL);
    guint taken = 0;
    char id[CHARS + 1];

    for (gboolean good = TRUE; good && taken < IDS; taken += good) {
        collide(taken, id);
        const datum key = {id, (int)CHARS};
        const datum value = {id, 1};
        good = gdbm_store(file, key, value, GDBM_REPLACE) == 0;
    }
    (void)gdbm_close(file);
    return taken;
}

static void they_are_of_one_hash_and_gdbm_alone_gives_up(void)
{
    g_autofree char *dir = shelf_make_dir();
    g_autofree char *path = g_build_filename(dir, "gdbm", NULL);
    char first[CHARS + 1];
    char id[CHARS + 1];

    collide(0, first);
    for (guint i = 1; i < IDS; i++) {
        collide(i, id);
        g_assert_cmpstr(id, !=, first);
        g_assert_cmpuint(hash_of(id), ==, hash_of(first));
    }
    g_assert_cmpuint(taken_by_gdbm(path), <, IDS);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void the_store_takes_them_all(void)
{
    char id[CHARS + 1];
    Shelf shelf;

    shelf_init(&shelf);
    for (guint i = 0; i < IDS; i++) {
        collide(i, id);
        (void)shelf_put(&shelf, "acme", id, id);
    }
    shelf_checkpoint(&shelf);
    for (guint i = 0; i < IDS; i++) {
        collide(i, id);
        g_autofree char *found = shelf_get(&shelf, "acme", id);
        g_assert_cmpstr(found, ==, id);
    }
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add_func("/store/collision/" #name, name)
    PROMISE(they_are_of_one_hash_and_gdbm_alone_gives_up);
    PROMISE(the_store_takes_them_all);
    return g_test_run();
}
