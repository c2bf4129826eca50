/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/config.h"

#include "base/error.h"

#include <string.h>

/* One file: what GKeyFile parsed, and the lines of its keys, "section\nkey" -> line. */
typedef struct File {
    const char *path;
    GKeyFile *parsed;
    GHashTable *lines;
} File;

static void file_clear(File *file)
{
    g_clear_pointer(&file->parsed, g_key_file_free);
    g_clear_pointer(&file->lines, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(File, file_clear)

G_GNUC_PRINTF(4, 5)
static gboolean refuse(GError **error, const char *path, guint line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *words = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, "%s:%u: %s", path, line, words);
    return FALSE;
}

/* Remembers where a name stands; FALSE when it stood before. GKeyFile would merge the two silently.
 */
static gboolean remember(File *file, char *name, guint line)
{
    if (g_hash_table_contains(file->lines, name)) {
        g_free(name);
        return FALSE;
    }
    g_hash_table_insert(file->lines, name, GUINT_TO_POINTER(line));
    return TRUE;
}

static gboolean scan_line(File *file, char *text, guint line, char **section, GError **error)
{
    char *equals = strchr(text, '=');

    if (text[0] == '\0' || text[0] == '#') {
        return TRUE;
    }
    if (text[0] == '[') {
        text[strcspn(text, "]")] = '\0';
        g_free(*section);
        *section = g_strdup(text + 1);
        return remember(file, g_strconcat(*section, "\n", NULL), line) ||
               refuse(
                   error, file->path, line, "[%s] stands here a second time: join the two",
                   *section);
    }
    if (!equals || !*section) {
        return refuse(error, file->path, line, "expected [section], key = value, or # comment");
    }
    *equals = '\0';
    g_strchomp(text);
    return remember(file, g_strconcat(*section, "\n", text, NULL), line) ||
           refuse(error, file->path, line, "[%s] %s stands here a second time", *section, text);
}

static gboolean scan(File *file, const char *contents, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(contents, "\n", -1);
    g_autofree char *section = NULL;

    for (guint i = 0; lines[i]; i++) {
        if (!scan_line(file, g_strstrip(lines[i]), i + 1, &section, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean file_read(File *file, const char *path, GError **error)
{
    g_autofree char *contents = NULL;
    g_autoptr(GError) problem = NULL;
    gsize size = 0;

    file->path = path;
    file->parsed = g_key_file_new();
    file->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!g_file_get_contents(path, &contents, &size, error)) {
        return FALSE;
    }
    if (strlen(contents) != size || !g_utf8_validate(contents, (gssize)size, NULL)) {
        return refuse(error, path, 1, "this is no UTF-8 text");
    }
    if (!scan(file, contents, error)) {
        return FALSE;
    }
    if (size > 0 &&
        !g_key_file_load_from_data(file->parsed, contents, size, G_KEY_FILE_NONE, &problem)) {
        return refuse(error, path, 1, "%s", problem->message);
    }
    return TRUE;
}

/* The row for a section of the file; *ret_name is what stands for the star, or NULL. */
static const ConfigSection *
section_find(const ConfigSection *sections, const char *name, const char **ret_name)
{
    for (; sections->name; sections++) {
        gsize fixed = strcspn(sections->name, "*");
        gboolean starred = sections->name[fixed] == '*';
        if (starred ? strncmp(name, sections->name, fixed) == 0 && name[fixed]
                    : g_str_equal(name, sections->name)) {
            *ret_name = starred ? name + fixed : NULL;
            return sections;
        }
    }
    return NULL;
}

static const ConfigKey *key_find(const ConfigKey *keys, const char *name)
{
    while (keys->name && !g_str_equal(keys->name, name)) {
        keys++;
    }
    return keys->name ? keys : NULL;
}

static guint line_of(const File *file, const char *section, const char *key)
{
    g_autofree char *name = g_strconcat(section, "\n", key, NULL);

    return GPOINTER_TO_UINT(g_hash_table_lookup(file->lines, name));
}

static gboolean key_apply(
    const File *file,
    const char *section,
    const ConfigSection *row,
    const char *name,
    gpointer target,
    GError **error)
{
    const ConfigKey *key = key_find(row->keys, name);
    guint line = line_of(file, section, name);
    g_autoptr(GError) problem = NULL;

    if (!key) {
        return refuse(error, file->path, line, "[%s] has no key %s", section, name);
    }
    g_autofree char *text = g_key_file_get_value(file->parsed, section, name, NULL);
    const ConfigValue value = {file->path, line, g_strstrip(text)};
    return key->read(&value, target, key->offset, &problem) ||
           refuse(error, file->path, line, "[%s] %s: %s", section, name, problem->message);
}

static gboolean
section_apply(const File *file, const ConfigSection *sections, const char *section, GError **error)
{
    const char *name = NULL;
    const ConfigSection *row = section_find(sections, section, &name);
    guint line = line_of(file, section, "");
    g_autoptr(GError) problem = NULL;

    if (!row) {
        return refuse(error, file->path, line, "there is no section [%s]", section);
    }
    const ConfigValue where = {file->path, line, section};
    gpointer target = row->target(row->data, name, &where, &problem);
    if (!target) {
        return refuse(error, file->path, line, "[%s]: %s", section, problem->message);
    }
    g_auto(GStrv) keys = g_key_file_get_keys(file->parsed, section, NULL, NULL);
    for (char **key = keys; key && *key; key++) {
        if (!key_apply(file, section, row, *key, target, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean file_apply(const char *path, const ConfigSection *sections, GError **error)
{
    g_auto(File) file = {0};

    if (!file_read(&file, path, error)) {
        return FALSE;
    }
    g_auto(GStrv) groups = g_key_file_get_groups(file.parsed, NULL);
    for (char **group = groups; *group; group++) {
        if (!section_apply(&file, sections, *group, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The drop-in files of a directory that may be absent, but not unreadable. */
static GPtrArray *drop_ins(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &problem);

    if (!dir && !g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        (void)refuse(error, folder, 0, "%s", problem->message);
        return NULL;
    }
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (g_str_has_suffix(name, ".conf")) {
            g_ptr_array_add(names, g_build_filename(folder, name, NULL));
        }
    }
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

gboolean config_load(const char *path, const ConfigSection *sections, GError **error)
{
    g_autofree char *folder = g_strconcat(path, ".d", NULL);

    if (!file_apply(path, sections, error)) {
        return FALSE;
    }
    g_autoptr(GPtrArray) names = drop_ins(folder, error);
    for (guint i = 0; names && i < names->len; i++) {
        if (!file_apply(names->pdata[i], sections, error)) {
            return FALSE;
        }
    }
    return names != NULL;
}
