/* SPDX-License-Identifier: GPL-3.0-or-later */

/* web.c - parses all templates once; a bad one is our own mistake, and no build that has one passes
 * its tests */

#include "http/web.h"

#include "antara-web.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <gio/gio.h>
#include <pthread.h>

#define WEB_PREFIX       "/org/antara/web/"
#define STYLE_HASH_BYTES 6U

static const char *const pages[] = {
    "approve", "approve-link", "check",     "code",    "confirm", "consent",
    "decided", "elsewhere",    "form-post", "link",    "login",   "logout",
    "me",      "number",       "one-time",  "problem", NULL,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static GHashTable *templates; /* never changed after it is made */
static char *style_path;

GBytes *web_file(const char *file)
{
    g_autofree char *path = g_strconcat(WEB_PREFIX, file, NULL);
    GBytes *bytes =
        g_resource_lookup_data(antara_web_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

    if (bytes == NULL) {
        g_error("daemon/web/ has no %s", file);
    }
    return bytes;
}

/* A resource's bytes are static and followed by a NUL. */
static const char *source(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".html", NULL);
    g_autoptr(GBytes) bytes = web_file(file);
    return g_bytes_get_data(bytes, NULL);
}

static char *hash_style(void)
{
    g_autoptr(GBytes) bytes = web_file("style.css");
    guint8 digest[SHA256_BYTES];

    sha256(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), digest);
    g_autofree char *hash = base64url_encode(digest, STYLE_HASH_BYTES);
    return g_strconcat("/style.css?", hash, NULL);
}

static void load(void)
{
    templates = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; pages[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;
        Template *template = template_parse(pages[i], source(pages[i]), source, &error);
        if (template == NULL) {
            g_error("%s", error->message);
        }
        g_hash_table_insert(templates, (gpointer)pages[i], template);
    }
    style_path = hash_style();
}

const Template *web_template(const char *name)
{
    pthread_once(&once, load);
    const Template *template = g_hash_table_lookup(templates, name);
    if (template == NULL) {
        g_error("daemon/web/ has no page %s", name);
    }
    return template;
}

const char *const *web_pages(void)
{
    return pages;
}

const char *web_style_path(void)
{
    pthread_once(&once, load);
    return style_path;
}
