/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/tree.h"

#include "antaractl/error.h"
#include "antaractl/pam/line.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BYTES_MAX 64U
#define NAMES_MAX      1024U

struct PamTree {
    char *root;
    char *folders[2];
    GHashTable *pretended; /* name -> text */
};

static const char *const module_folders[] = {
    "/lib/security", "/usr/lib/security", "/lib64/security", "/usr/lib64/security", NULL};

PamTree *pam_tree_new(const char *root)
{
    PamTree *tree = g_new0(PamTree, 1);

    tree->root = g_strdup(root);
    tree->folders[0] = g_strconcat(root, "/etc/pam.d", NULL);
    tree->folders[1] = g_strconcat(root, "/usr/lib/pam.d", NULL);
    tree->pretended = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return tree;
}

void pam_tree_free(PamTree *tree)
{
    g_free(tree->root);
    g_free(tree->folders[0]);
    g_free(tree->folders[1]);
    g_hash_table_unref(tree->pretended);
    g_free(tree);
}

const char *pam_tree_root(const PamTree *tree)
{
    return tree->root;
}

const char *pam_tree_folder(const PamTree *tree)
{
    return tree->folders[0];
}

char *pam_tree_vendor(const PamTree *tree, const char *name)
{
    g_autofree char *path = g_build_filename(tree->folders[1], name, NULL);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&path) : NULL;
}

gboolean pam_name_is_good(const char *name)
{
    const gsize size = strlen(name);

    return size > 0 && size <= NAME_BYTES_MAX && !strchr("._-@", name[0]) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-") ==
               size;
}

void pam_tree_pretend(PamTree *tree, const char *name, const char *text)
{
    g_hash_table_insert(tree->pretended, g_strdup(name), g_strdup(text));
}

/* (transfer full): NULL when it is nowhere. */
static char *path_find(const PamTree *tree, const char *name)
{
    if (*name == '/') {
        char *path = g_strconcat(tree->root, name, NULL);
        return g_file_test(path, G_FILE_TEST_EXISTS) ? path : (g_free(path), NULL);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(tree->folders); i++) {
        g_autofree char *path = g_build_filename(tree->folders[i], name, NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            return g_steal_pointer(&path);
        }
    }
    return NULL;
}

gboolean pam_tree_has(const PamTree *tree, const char *name)
{
    g_autofree char *path = path_find(tree, name);

    return path != NULL || g_hash_table_contains(tree->pretended, name);
}

/* What editors and packages leave beside a service's file. */
static gboolean is_left_over(const char *name)
{
    static const char *const marks[] = {".antara-", ".pam-", ".dpkg-", ".ucf-", ".rpm"};
    static const char *const ends[] = {".bak", ".old", ".orig", ".save"};
    gboolean is = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
        is = is || strstr(name, marks[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        is = is || g_str_has_suffix(name, ends[i]);
    }
    return is;
}

static int names_compare(gconstpointer left, gconstpointer right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

gboolean pam_names_have(const GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

GPtrArray *pam_tree_names(const PamTree *tree)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(tree->folders); i++) {
        g_autoptr(GDir) folder = g_dir_open(tree->folders[i], 0, NULL);
        const char *name = NULL;
        while (folder && names->len < NAMES_MAX && (name = g_dir_read_name(folder))) {
            if (pam_name_is_good(name) && !is_left_over(name) && !pam_names_have(names, name)) {
                g_ptr_array_add(names, g_strdup(name));
            }
        }
    }
    g_ptr_array_sort(names, names_compare);
    return names;
}

static gboolean text_is_good(const char *text, gsize size, const char *path, GError **error)
{
    if (size > PAM_FILE_BYTES_MAX) {
        return ctl_fail(error, "%s is longer than %u bytes", path, PAM_FILE_BYTES_MAX);
    }
    return !memchr(text, '\0', size) || ctl_fail(error, "%s holds a NUL byte", path);
}

/* Also by another name that leads to the same file: a path, or a symlink. */
static const char *pretended_find(const PamTree *tree, const char *name, const char *path)
{
    const char *text = g_hash_table_lookup(tree->pretended, name);
    g_autofree char *folder = NULL;

    if (text || !path || g_hash_table_size(tree->pretended) == 0) {
        return text;
    }
    char *real = realpath(path, NULL);
    char *real_folder = realpath(tree->folders[0], NULL);
    folder = real ? g_path_get_dirname(real) : NULL;
    if (folder && g_strcmp0(folder, real_folder) == 0) {
        text = g_hash_table_lookup(tree->pretended, strrchr(real, '/') + 1);
    }
    free(real);
    free(real_folder);
    return text;
}

char *pam_tree_read(const PamTree *tree, const char *name, char **ret_path, GError **error)
{
    g_autofree char *path = path_find(tree, name);
    const char *pretended = pretended_find(tree, name, path);
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    gsize size = 0;

    if (!path && !pretended) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_NOT_FOUND, "%s/%s is not there", tree->folders[0], name);
        return NULL;
    }
    if (pretended) {
        *ret_path = path ? g_steal_pointer(&path) : g_strdup(name);
        return g_strdup(pretended);
    }
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        ctl_fail(error, "%s is no regular file", path);
        return NULL;
    }
    if (!g_file_get_contents(path, &text, &size, &why)) {
        ctl_fail(error, "%s", why->message);
        return NULL;
    }
    if (!text_is_good(text, size, path, error)) {
        return NULL;
    }
    *ret_path = g_steal_pointer(&path);
    return g_steal_pointer(&text);
}

/* /usr/lib/x86_64-linux-gnu/security and its like. */
static gboolean look_in_triplets(const PamTree *tree, const char *module, gboolean *any)
{
    g_autofree char *lib = g_strconcat(tree->root, "/usr/lib", NULL);
    g_autoptr(GDir) folder = g_dir_open(lib, 0, NULL);
    const char *triplet = NULL;

    while (folder && (triplet = g_dir_read_name(folder))) {
        g_autofree char *security = g_build_filename(lib, triplet, "security", NULL);
        g_autofree char *path = g_build_filename(security, module, NULL);
        *any = *any || g_file_test(security, G_FILE_TEST_IS_DIR);
        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean pam_tree_has_module(const PamTree *tree, const char *module)
{
    gboolean any = FALSE;

    if (*module == '/') {
        g_autofree char *path = g_strconcat(tree->root, module, NULL);
        return g_file_test(path, G_FILE_TEST_EXISTS);
    }
    for (const char *const *place = module_folders; *place; place++) {
        g_autofree char *security = g_strconcat(tree->root, *place, NULL);
        g_autofree char *path = g_build_filename(security, module, NULL);
        any = any || g_file_test(security, G_FILE_TEST_IS_DIR);
        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            return TRUE;
        }
    }
    return look_in_triplets(tree, module, &any) || !any;
}
