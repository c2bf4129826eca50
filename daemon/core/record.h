/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * record.h - structs to bytes and back, from one table of fields per kind
 *
 * Little-endian, length-prefixed: format version, then for each field its number, its length, its
 * bytes. Decoding, wiping, freeing and the fuzzer use the same table. An unknown field number, a
 * double, or a failed decode is an error that names the record, never a guess; a field that is
 * absent is zero.
 */

#include "core/kinds.h"
#include "store/txn.h"

typedef enum FieldType {
    FIELD_BOOL,  /* gboolean */
    FIELD_U32,   /* guint32, enums too */
    FIELD_I64,   /* gint64: times in microseconds since 1970, 0 none */
    FIELD_ID,    /* Id */
    FIELD_HASH,  /* guint8[32] */
    FIELD_TEXT,  /* char *, UTF-8 */
    FIELD_TEXTS, /* char **, NULL-terminated; never NULL after a load, but in a row that is all zero
                  */
    FIELD_BYTES, /* GBytes * */
    FIELD_IDS,   /* GArray * of Id */
    FIELD_ROWS,  /* a fixed array of structs inside the record, with a table of their own */
} FieldType;

typedef struct RecordField {
    guint16 number; /* written; never reused */
    const char *name;
    FieldType type;
    gsize offset;
    gboolean secret;                /* wiped when freed, never shown */
    const struct RecordTable *rows; /* FIELD_ROWS */
    guint rows_max;
} RecordField;

typedef struct RecordTable {
    const char *name;
    Kind kind;
    gsize size;                /* of the struct */
    const RecordField *fields; /* ended by number 0 */
    gboolean of_epoch;         /* whoever holds it could sign in by it: it dies with a restore */
} RecordTable;

#define RECORD_TEXTS_MAX 64U

/* Frees and wipes what the struct owns, and the struct. NULL is fine. */
void record_free(const RecordTable *table, gpointer record);
/* The same for an embedded struct, which is zeroed. */
void record_clear(const RecordTable *table, gpointer record);

GBytes *record_encode(const RecordTable *table, gconstpointer record);
/* (transfer full): the struct, or NULL with an error. */
gpointer record_decode(const RecordTable *table, GBytes *bytes, GError **error);

/**
 * record_load() - get and decode
 * @ret_record: (out) (transfer full): the struct, or NULL when there is none
 */
gboolean record_load(
    Txn *txn,
    const RecordTable *table,
    const void *id,
    gsize id_size,
    gpointer *ret_record,
    GError **error);
gboolean record_save(
    Txn *txn,
    const RecordTable *table,
    const void *id,
    gsize id_size,
    gconstpointer record,
    gint64 expires_usec,
    GError **error);

/* For each kind: x_load(txn, &id, &x, error), x_save(txn, x, error), x_free(x) are one line each
 * over these. */
