/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/transport.h"

#include "base/error.h"
#include "base/secret.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static gboolean failed(GError **error, const char *path)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
    return FALSE;
}

static gboolean write_all(int fd, const char *text)
{
    for (gsize left = strlen(text); left > 0;) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno != EINTR) {
            return FALSE;
        }
        text += MAX(written, 0);
        left -= (gsize)MAX(written, 0);
    }
    return fsync(fd) == 0;
}

static gboolean deliver(const char *fresh, const char *final, const char *message, GError **error)
{
    int fd = g_open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return failed(error, fresh);
    }
    gboolean done = write_all(fd, message);
    done = close(fd) == 0 && done;
    if (!done || rename(fresh, final) < 0) {
        int number = errno;
        (void)g_unlink(fresh);
        errno = number;
        return failed(error, fresh);
    }
    return TRUE;
}

/* tmp, then new: whoever reads new never sees half a letter. */
static gboolean maildir_send(const char *dir, const char *message, GError **error)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    g_autofree char *name = g_uuid_string_random();
    g_autofree char *fresh = g_build_filename(dir, "tmp", name, NULL);
    g_autofree char *final = g_build_filename(dir, "new", name, NULL);

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *part = g_build_filename(dir, parts[i], NULL);
        if (g_mkdir_with_parents(part, 0700) < 0) {
            return failed(error, part);
        }
    }
    return deliver(fresh, final, message, error);
}

typedef struct Upload {
    const char *text;
    gsize left;
} Upload;

static size_t upload_read(char *data, size_t size, size_t count, void *user)
{
    Upload *upload = user;
    gsize chunk = MIN(size * count, upload->left);

    memcpy(data, upload->text, chunk);
    upload->text += chunk;
    upload->left -= chunk;
    return chunk;
}

/* The password is read at each letter: it may be changed without a restart. */
static gboolean set_login(CURL *curl, const MailConfig *config, GError **error)
{
    g_autofree char *path = config->user ? mail_config_password_path(config) : NULL;
    g_autoptr(SecretText) password = NULL;

    if (!config->user) {
        return TRUE;
    }
    if (!path) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "the password is gone");
        return FALSE;
    }
    if (!g_file_get_contents(path, &password, NULL, error)) {
        return FALSE;
    }
    curl_easy_setopt(curl, CURLOPT_USERNAME, config->user);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, g_strchomp(password));
    curl_easy_setopt(
        curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL); /* a password never goes in clear */
    return TRUE;
}

static gboolean
smtp_perform(CURL *curl, const MailConfig *config, const char *to, Upload *upload, GError **error)
{
    char words[CURL_ERROR_SIZE] = "";
    struct curl_slist *recipients = curl_slist_append(NULL, to);

    curl_easy_setopt(curl, CURLOPT_URL, config->transport);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, config->from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, upload);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, TRANSPORT_CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TRANSPORT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(recipients);
    if (code != CURLE_OK) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", config->transport,
            *words ? words : curl_easy_strerror(code));
    }
    return code == CURLE_OK;
}

static gboolean
smtp_send(const MailConfig *config, const char *to, const char *message, GError **error)
{
    Upload upload = {message, strlen(message)};
    CURL *curl = curl_easy_init();

    g_assert(curl);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
    gboolean done =
        set_login(curl, config, error) && smtp_perform(curl, config, to, &upload, error);
    curl_easy_cleanup(curl);
    return done;
}

gboolean
transport_send(const MailConfig *config, const char *to, const char *message, GError **error)
{
    const char *maildir = "maildir:";

    return g_str_has_prefix(config->transport, maildir)
               ? maildir_send(config->transport + strlen(maildir), message, error)
               : smtp_send(config, to, message, error);
}
