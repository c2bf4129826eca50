/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/list.h"

#include "base/error.h"

#include <string.h>

/*
 * A list is a tree of pages, each a record: a page is named by its depth and the first bits of the
 * ids in it. A leaf holds up to PAGE_IDS ids, sorted; a full leaf becomes a fork, and its ids go to
 * two leaves one bit deeper. A fork stays one: lists that grew once will grow again.
 */
#define PAGE_IDS  64U
#define DEPTH_MAX 64U
#define FORK      0xffU

typedef struct Page {
    guint depth;
    guint8 prefix[ID_BYTES]; /* the first @depth bits; zeros behind */
    gboolean there;
    gboolean fork;
    GArray *ids; /* of Id */
} Page;

static void page_clear(Page *page)
{
    g_clear_pointer(&page->ids, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, page_clear)

static gboolean bit_of(const guint8 *bytes, guint place)
{
    return bytes[place / 8] >> (7 - place % 8) & 1;
}

static void set_bit(guint8 *bytes, guint place)
{
    bytes[place / 8] |= (guint8)(0x80U >> place % 8);
}

/* owner, depth, prefix */
static GByteArray *page_id(const ListName *name, const Page *page)
{
    GByteArray *id = g_byte_array_new();
    const guint8 depth = (guint8)page->depth;

    g_byte_array_append(id, name->owner, (guint)name->owner_size);
    g_byte_array_append(id, &depth, 1);
    g_byte_array_append(id, page->prefix, (page->depth + 7) / 8);
    return id;
}

static gboolean page_read(Page *page, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);

    page->there = TRUE;
    page->fork = size == 1 && data[0] == FORK;
    if (!page->fork &&
        (size == 0 || (size - 1) % ID_BYTES != 0 || (size - 1) / ID_BYTES != data[0])) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a page of a list is damaged");
        return FALSE;
    }
    if (!page->fork) {
        g_array_append_vals(page->ids, data + 1, data[0]);
    }
    return TRUE;
}

/* Reads the page that page->depth and page->prefix name. */
static gboolean page_load(Txn *txn, const ListName *name, Page *page, GError **error)
{
    g_autoptr(GByteArray) id = page_id(name, page);
    g_autoptr(GBytes) bytes = NULL;

    page_clear(page);
    page->ids = g_array_new(FALSE, FALSE, ID_BYTES);
    page->there = page->fork = FALSE;
    if (!txn_get(txn, name->kind, id->data, id->len, &bytes, error)) {
        return FALSE;
    }
    return !bytes || page_read(page, bytes, error);
}

/* @lasts_usec: from now on; 0: for ever */
static gboolean
page_save(Txn *txn, const ListName *name, const Page *page, gint64 lasts_usec, GError **error)
{
    g_autoptr(GByteArray) id = page_id(name, page);
    GByteArray *out = g_byte_array_new();
    const guint8 head = page->fork ? FORK : (guint8)page->ids->len;

    g_byte_array_append(out, &head, 1);
    if (!page->fork) {
        g_byte_array_append(out, (const guint8 *)page->ids->data, page->ids->len * ID_BYTES);
    }
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(out);
    if (!page->fork && page->ids->len == 0) {
        return txn_delete(txn, name->kind, id->data, id->len, error);
    }
    return txn_put(
        txn, name->kind, id->data, id->len, bytes, lasts_usec ? txn_now(txn) + lasts_usec : 0,
        error);
}

static void page_descend(Page *page, gboolean bit)
{
    if (bit) {
        set_bit(page->prefix, page->depth);
    }
    page->depth++;
}

/* The leaf where @id is or would be. */
static gboolean leaf_find(Txn *txn, const ListName *name, const Id *id, Page *page, GError **error)
{
    *page = (Page){.depth = 0};
    if (!page_load(txn, name, page, error)) {
        return FALSE;
    }
    while (page->fork && page->depth < DEPTH_MAX) {
        page_descend(page, bit_of(id->bytes, page->depth));
        if (!page_load(txn, name, page, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Where @id is or would be in a sorted leaf. */
static gboolean place_find(const GArray *ids, const Id *id, guint *ret_place)
{
    guint place = 0;
    int order = 1;

    while (place < ids->len &&
           (order = memcmp(id->bytes, g_array_index(ids, Id, place).bytes, ID_BYTES)) > 0) {
        place++;
    }
    *ret_place = place;
    return place < ids->len && order == 0;
}

/* The ids of a leaf whose next bit is @bit, as a leaf of their own. */
static void page_half(const Page *page, gboolean bit, Page *ret_half)
{
    *ret_half = (Page){.depth = page->depth, .there = TRUE};
    ret_half->ids = g_array_new(FALSE, FALSE, ID_BYTES);
    memcpy(ret_half->prefix, page->prefix, ID_BYTES);
    page_descend(ret_half, bit);
    for (guint i = 0; i < page->ids->len; i++) {
        const Id *id = &g_array_index(page->ids, Id, i);
        if (bit_of(id->bytes, page->depth) == bit) {
            g_array_append_vals(ret_half->ids, id, 1);
        }
    }
}

/* Makes a fork of a full leaf; each half may be full again only if all ids share their first bits.
 */
static gboolean
page_split(Txn *txn, const ListName *name, Page *page, gint64 lasts_usec, GError **error)
{
    if (page->depth >= DEPTH_MAX) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED,
            "too many ids of a list begin with the same "
            "bits");
        return FALSE;
    }
    for (guint bit = 0; bit < 2; bit++) {
        g_auto(Page) half = {0};
        page_half(page, bit != 0, &half);
        if (half.ids->len > 0 && !page_save(txn, name, &half, lasts_usec, error)) {
            return FALSE;
        }
    }
    page->fork = TRUE;
    return page_save(txn, name, page, lasts_usec, error);
}

/* A leaf that lasts is found through its forks: they last as long. */
static gboolean
forks_keep(Txn *txn, const ListName *name, const Page *leaf, gint64 lasts_usec, GError **error)
{
    Page fork = {.fork = TRUE};

    for (guint depth = 0; lasts_usec && depth < leaf->depth; depth++) {
        if (!page_save(txn, name, &fork, lasts_usec, error)) {
            return FALSE;
        }
        page_descend(&fork, bit_of(leaf->prefix, depth));
    }
    return TRUE;
}

gboolean
list_add_lasting(Txn *txn, const ListName *name, const Id *id, gint64 lasts_usec, GError **error)
{
    g_auto(Page) page = {0};
    guint place = 0;

    if (!leaf_find(txn, name, id, &page, error)) {
        return FALSE;
    }
    if (place_find(page.ids, id, &place)) {
        return TRUE;
    }
    if (page.ids->len == PAGE_IDS) {
        return page_split(txn, name, &page, lasts_usec, error) &&
               list_add_lasting(txn, name, id, lasts_usec, error);
    }
    g_array_insert_vals(page.ids, place, id, 1);
    return forks_keep(txn, name, &page, lasts_usec, error) &&
           page_save(txn, name, &page, lasts_usec, error);
}

gboolean list_add(Txn *txn, const ListName *name, const Id *id, GError **error)
{
    return list_add_lasting(txn, name, id, 0, error);
}

gboolean
list_remove_lasting(Txn *txn, const ListName *name, const Id *id, gint64 lasts_usec, GError **error)
{
    g_auto(Page) page = {0};
    guint place = 0;

    if (!leaf_find(txn, name, id, &page, error)) {
        return FALSE;
    }
    if (!place_find(page.ids, id, &place)) {
        return TRUE;
    }
    g_array_remove_index(page.ids, place);
    return page_save(txn, name, &page, lasts_usec, error);
}

gboolean list_remove(Txn *txn, const ListName *name, const Id *id, GError **error)
{
    return list_remove_lasting(txn, name, id, 0, error);
}

gboolean list_has(Txn *txn, const ListName *name, const Id *id, gboolean *ret_has, GError **error)
{
    g_auto(Page) page = {0};
    guint place = 0;

    if (!leaf_find(txn, name, id, &page, error)) {
        return FALSE;
    }
    *ret_has = place_find(page.ids, id, &place);
    return TRUE;
}

typedef struct Walk {
    Txn *txn;
    const ListName *name;
    const Id *after; /* NULL: from the first */
    guint max;
    gboolean clearing;
    GArray *found;
} Walk;

static gboolean walk_leaf(Walk *walk, Page *page, GError **error)
{
    for (guint i = 0; i < page->ids->len && walk->found->len < walk->max; i++) {
        const Id *id = &g_array_index(page->ids, Id, i);
        if (!walk->after || memcmp(id->bytes, walk->after->bytes, ID_BYTES) > 0) {
            g_array_append_vals(walk->found, id, 1);
        }
    }
    if (walk->clearing && page->there) {
        g_array_set_size(page->ids, 0);
        return page_save(walk->txn, walk->name, page, 0, error);
    }
    return TRUE;
}

/* TRUE if every id of this page comes before the cursor, so that it need not be read. */
static gboolean is_behind(const Walk *walk, const Page *page)
{
    Id last;

    if (!walk->after) {
        return FALSE;
    }
    memcpy(last.bytes, page->prefix, ID_BYTES);
    for (guint place = page->depth; place < ID_BYTES * 8; place++) {
        set_bit(last.bytes, place);
    }
    return memcmp(last.bytes, walk->after->bytes, ID_BYTES) <= 0;
}

static gboolean walk_page(Walk *walk, const Page *at, GError **error)
{
    g_auto(Page) page = {.depth = at->depth};

    memcpy(page.prefix, at->prefix, ID_BYTES);
    if (walk->found->len >= walk->max || is_behind(walk, &page)) {
        return TRUE;
    }
    if (!page_load(walk->txn, walk->name, &page, error)) {
        return FALSE;
    }
    if (!page.fork) {
        return walk_leaf(walk, &page, error);
    }
    for (guint bit = 0; bit < 2; bit++) {
        Page half = {.depth = page.depth};
        memcpy(half.prefix, page.prefix, ID_BYTES);
        page_descend(&half, bit != 0);
        if (!walk_page(walk, &half, error)) { /* DEPTH_MAX deep at most */
            return FALSE;
        }
    }
    if (walk->clearing) {
        page.fork = FALSE;
        return page_save(walk->txn, walk->name, &page, 0, error);
    }
    return TRUE;
}

gboolean list_clear(Txn *txn, const ListName *name, GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, ID_BYTES);
    Walk walk = {.txn = txn, .name = name, .max = G_MAXUINT, .clearing = TRUE, .found = found};

    return walk_page(&walk, &(Page){.depth = 0}, error);
}

GArray *list_take(Txn *txn, const ListName *name, const Id *after, guint max, GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, ID_BYTES);
    Walk walk = {.txn = txn, .name = name, .after = after, .max = max, .found = found};

    return walk_page(&walk, &(Page){.depth = 0}, error) ? g_steal_pointer(&found) : NULL;
}
