/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/kek.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEK_CREDENTIAL "antara.kek"

struct Kek {
    gint references;
    Secret *key;
    char id[KEK_ID_CHARS + 1];
};

static gboolean refuse(GError **error, const char *file, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, "%s: %s", file, words);
    return FALSE;
}

Kek *kek_from_bytes(const guint8 bytes[KEK_BYTES])
{
    static const char label[] = "antara kek id";
    const Piece piece = {label, sizeof(label) - 1};
    guint8 mac[SHA256_BYTES];
    Kek *kek = g_new0(Kek, 1);

    kek->references = 1;
    kek->key = secret_new_copy(bytes, KEK_BYTES);
    hmac_sha256(bytes, &piece, 1, mac);
    for (guint i = 0; i < KEK_ID_CHARS / 2; i++) {
        g_snprintf(kek->id + (gsize)2 * i, 3, "%02x", mac[i]);
    }
    return kek;
}

Kek *kek_ref(Kek *kek)
{
    g_atomic_int_inc(&kek->references);
    return kek;
}

void kek_unref(Kek *kek)
{
    if (kek && g_atomic_int_dec_and_test(&kek->references)) {
        secret_unref(kek->key);
        g_free(kek);
    }
}

const Secret *kek_secret(const Kek *kek)
{
    return kek->key;
}

const char *kek_id(const Kek *kek)
{
    return kek->id;
}

static gboolean file_is_private(int fd, const char *file, gboolean credential, GError **error)
{
    struct stat status;

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        return refuse(error, file, "this is no regular file");
    }
    if (status.st_uid != 0 && status.st_uid != geteuid()) {
        return refuse(error, file, "the KEK must belong to root or to the daemon's user");
    }
    /* systemd itself sees to it that nobody else reads a credential, with a mode of its own. */
    if (!credential && (status.st_mode & 07777) != 0400) {
        return refuse(error, file, "the KEK must have mode 0400: chmod 0400 it");
    }
    if (status.st_size != KEK_BYTES) {
        return refuse(error, file, "a KEK has 32 bytes: make one with antarad --make-kek FILE");
    }
    return TRUE;
}

static Kek *kek_read(const char *file, gboolean credential, GError **error)
{
    guint8 bytes[KEK_BYTES];
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        (void)refuse(error, file, g_strerror(errno));
        return NULL;
    }
    gboolean good = file_is_private(fd, file, credential, error);
    if (good && read(fd, bytes, KEK_BYTES) != KEK_BYTES) {
        good = refuse(error, file, "can't be read");
    }
    (void)close(fd);
    Kek *kek = good ? kek_from_bytes(bytes) : NULL;
    secret_wipe(bytes, sizeof(bytes));
    return kek;
}

Kek *kek_load(const char *file, GError **error)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

    if (file) {
        return kek_read(file, FALSE, error);
    }
    if (!folder) {
        (void)refuse(
            error, "[daemon] kek_file",
            "no KEK: name a file here, or give the systemd credential " KEK_CREDENTIAL);
        return NULL;
    }
    g_autofree char *path = g_build_filename(folder, KEK_CREDENTIAL, NULL);
    return kek_read(path, TRUE, error);
}

static gboolean fd_write_kek(int fd)
{
    guint8 bytes[KEK_BYTES];

    random_fill(bytes, KEK_BYTES);
    gboolean done =
        write(fd, bytes, KEK_BYTES) == KEK_BYTES && fchmod(fd, 0400) == 0 && fsync(fd) == 0;
    secret_wipe(bytes, sizeof(bytes));
    return done;
}

/* The name must survive a power cut as well: without its KEK a store is lost. */
static gboolean sync_folder(const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return done;
}

gboolean kek_make_file(const char *file, GError **error)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);

    if (fd < 0) {
        return refuse(error, file, g_strerror(errno));
    }
    gboolean done = fd_write_kek(fd);
    int problem = errno;
    if (close(fd) < 0 || !done) {
        (void)unlink(file);
        return refuse(error, file, g_strerror(problem));
    }
    return sync_folder(file) || refuse(error, file, "its directory can't be synced");
}

void kek_wrap(
    const Kek *kek,
    const void *bound,
    gsize bound_size,
    const void *plain,
    gsize size,
    guint8 *ret_wrapped)
{
    seal_close(secret_peek(kek->key), bound, bound_size, plain, size, ret_wrapped);
}

gboolean kek_unwrap(
    const Kek *kek,
    const void *bound,
    gsize bound_size,
    const guint8 *wrapped,
    gsize wrapped_size,
    guint8 *ret_plain)
{
    return seal_open(secret_peek(kek->key), bound, bound_size, wrapped, wrapped_size, ret_plain);
}
