/* SPDX-License-Identifier: GPL-3.0-or-later */

/* link-acts.c - what an administrator does with links */

#include "core/link-inside.h"

#include "base/secret.h"
#include "core/account.h"
#include "core/address.h"
#include "core/event.h"
#include "core/known-key.h"
#include "crypto/random.h"

#include <string.h>

#define LINKS_LISTED_MAX  10000U
#define LINK_SERVICES_MAX 64U

static const ListName all_links = {LIST_LINKS, "all", 3};

static Outcome refuse(Reason *ret_reason, Reason reason)
{
    *ret_reason = reason;
    return OUTCOME_DENIED;
}

static void row_clear(gpointer data)
{
    LinkRow *row = data;

    g_free(row->local_user);
    g_strfreev(row->services);
    secret_text_free(row->email);
}

void link_answer_clear(gpointer data)
{
    g_clear_pointer(&((LinkAnswer *)data)->rows, g_array_unref);
}

/* One service more for a link in the making, with the person's identity there. */
static gboolean service_add(
    Txn *txn,
    const Id *account,
    const Service *service,
    GPtrArray *services,
    GArray *identities,
    GError **error)
{
    g_autoptr(Identity) identity = NULL;

    if (g_ptr_array_find_with_equal_func(services, service->name, g_str_equal, NULL)) {
        return TRUE;
    }
    if (!identity_make(txn, account, &service->app, &identity, error)) {
        return FALSE;
    }
    g_ptr_array_add(services, g_strdup(service->name));
    g_array_append_val(identities, identity->id);
    return TRUE;
}

/* What a person can't give himself. */
static gboolean is_reserved(const LinkAsked *asked, const char *service)
{
    return asked->by_himself && service_raises(service);
}

/* The services that are named, or else all that are enabled and not reserved. */
static char **services_wanted(Txn *txn, const LinkAsked *asked, GError **error)
{
    const ServiceAsked list = {.caller = asked->caller};
    ServiceAnswer answer = {0};
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    if (asked->services && *asked->services) {
        return g_strdupv((char **)asked->services);
    }
    if (service_list(txn, &list, &answer, error) != OUTCOME_GRANTED) {
        service_list_act.answer_clear(&answer);
        return NULL;
    }
    for (guint i = 0; i < answer.rows->len; i++) {
        const ServiceRow *row = &g_array_index(answer.rows, ServiceRow, i);
        if (row->enabled && !is_reserved(asked, row->name)) {
            g_strv_builder_add(names, row->name);
        }
    }
    service_list_act.answer_clear(&answer);
    return g_strv_builder_end(names);
}

static void service_drop(gpointer service)
{
    service_free(service);
}

/* All of them or none, before anything is written: a refusal is committed too. */
Outcome link_services_find(
    Txn *txn,
    const LinkAsked *asked,
    GPtrArray **ret_services,
    Reason *ret_reason,
    GError **error)
{
    g_auto(GStrv) wanted = services_wanted(txn, asked, error);
    g_autoptr(GPtrArray) services = g_ptr_array_new_with_free_func(service_drop);

    if (!wanted) {
        return OUTCOME_BROKEN;
    }
    for (char **name = wanted; *name; name++) {
        Service *service = NULL;
        if (is_reserved(asked, *name)) {
            return refuse(ret_reason, REASON_LINK_RESERVED);
        }
        if (!service_find(txn, asked->caller->config, *name, &service, error)) {
            return OUTCOME_BROKEN;
        }
        if (!service || services->len == LINK_SERVICES_MAX) {
            service_free(service);
            return refuse(ret_reason, REASON_SERVICE_OFF);
        }
        g_ptr_array_add(services, service);
    }
    if (services->len == 0) {
        return refuse(ret_reason, REASON_SERVICE_OFF);
    }
    *ret_services = g_steal_pointer(&services);
    return OUTCOME_GRANTED;
}

static gboolean fill_in_services(Txn *txn, const GPtrArray *found, Link *link, GError **error)
{
    g_autoptr(GPtrArray) services = g_ptr_array_new_with_free_func(g_free);

    link->identities = g_array_new(FALSE, FALSE, sizeof(Id));
    for (guint i = 0; i < found->len; i++) {
        if (!service_add(txn, &link->account, found->pdata[i], services, link->identities, error)) {
            return FALSE;
        }
    }
    g_ptr_array_add(services, NULL);
    link->services = (char **)g_ptr_array_free(g_steal_pointer(&services), FALSE);
    return TRUE;
}

static gboolean note_change(Txn *txn, const Link *link, Outcome outcome, GError **error)
{
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = link->account,
        .what = EVENT_LINK_CHANGE,
        .outcome = outcome,
        .detail = link->local_user,
    };

    return event_write(txn, &news, NULL, error);
}

static gboolean link_store(Txn *txn, const Link *link, GError **error)
{
    const ListName of_user = link_list_of_user(link->local_user);
    const ListName of_account = {LIST_LINKS_OF_ACCOUNT, link->account.bytes, ID_BYTES};

    txn_announce(txn, KIND_LINK, &link->id, CHANGE_ADDED);
    return record_save(txn, &link_table, link->id.bytes, ID_BYTES, link, 0, error) &&
           list_add(txn, &all_links, &link->id, error) &&
           list_add(txn, &of_user, &link->id, error) &&
           list_add(txn, &of_account, &link->id, error) &&
           note_change(txn, link, OUTCOME_GRANTED, error);
}

/* Whoever changes a link asks anew about all that was let in by it. */
static gboolean end_known_keys(Txn *txn, const Link *link, GError **error)
{
    guint n_ended = 0;

    return known_key_end_of(txn, &link->account, link->local_user, &n_ended, error);
}

static gboolean link_delete(Txn *txn, const Link *link, GError **error)
{
    const ListName of_user = link_list_of_user(link->local_user);
    const ListName of_account = {LIST_LINKS_OF_ACCOUNT, link->account.bytes, ID_BYTES};

    txn_set_revoking(txn);
    txn_announce(txn, KIND_LINK, &link->id, CHANGE_REMOVED);
    return txn_delete(txn, KIND_LINK, link->id.bytes, ID_BYTES, error) &&
           list_remove(txn, &all_links, &link->id, error) &&
           list_remove(txn, &of_user, &link->id, error) &&
           list_remove(txn, &of_account, &link->id, error) && end_known_keys(txn, link, error) &&
           note_change(txn, link, OUTCOME_DENIED, error);
}

static gboolean find_account(Txn *txn, const char *email, Account **ret_account, GError **error)
{
    g_autoptr(SecretText) mail = NULL;
    g_autoptr(SecretText) lookup = NULL;

    *ret_account = NULL;
    return !email || !address_normalise(email, &mail, &lookup) ||
           account_find(txn, lookup, ret_account, error);
}

/* A second link of the same two replaces the first: its services are those named last. */
static const Link *earlier_of(const GPtrArray *links, const Id *account)
{
    for (guint i = 0; i < links->len; i++) {
        const Link *link = links->pdata[i];
        if (id_equal(&link->account, account)) {
            return link;
        }
    }
    return NULL;
}

Outcome
link_make(Txn *txn, const LinkAsked *asked, const Id *account, LinkAnswer *answer, GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, asked->local_user, error);
    g_autoptr(GPtrArray) services = NULL;
    g_autoptr(Link) link = g_new0(Link, 1);

    if (!links) {
        return OUTCOME_BROKEN;
    }
    const Link *earlier = earlier_of(links, account);
    if (!earlier && links->len >= LINKS_OF_USER_MAX) {
        return refuse(&answer->reason, REASON_TOO_MANY);
    }
    if (earlier && asked->by_himself && !earlier->by_himself) {
        return refuse(&answer->reason, REASON_LINK_STANDS);
    }
    Outcome outcome = link_services_find(txn, asked, &services, &answer->reason, error);
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    random_id(&link->id);
    link->account = *account;
    link->local_user = g_strdup(asked->local_user);
    link->made_by_uid = asked->caller->uid;
    link->by_himself = asked->by_himself;
    link->born_usec = txn_now(txn);
    answer->id = link->id;
    return fill_in_services(txn, services, link, error) &&
                   (!earlier || link_delete(txn, earlier, error)) && link_store(txn, link, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

Outcome link_add(Txn *txn, const LinkAsked *asked, LinkAnswer *ret_answer, GError **error)
{
    g_autoptr(Account) account = NULL;

    if (!link_user_is_good(asked->local_user)) {
        return refuse(&ret_answer->reason, REASON_BAD_REQUEST);
    }
    if (!find_account(txn, asked->email, &account, error)) {
        return OUTCOME_BROKEN;
    }
    if (!account) {
        return refuse(&ret_answer->reason, REASON_NOT_FOUND);
    }
    return link_make(txn, asked, &account->id, ret_answer, error);
}

GArray *link_rows_new(void)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(LinkRow));

    g_array_set_clear_func(rows, row_clear);
    return rows;
}

void link_rows_add(GArray *rows, const Link *link, char *email)
{
    const LinkRow row = {
        .id = link->id,
        .local_user = g_strdup(link->local_user),
        .services = g_strdupv(link->services),
        .email = email,
        .born_usec = link->born_usec,
        .by_himself = link->by_himself};

    g_array_append_val(rows, row);
}

static gboolean row_add(Txn *txn, const Id *id, GArray *rows, GError **error)
{
    g_autoptr(Link) link = NULL;
    g_autoptr(Account) account = NULL;

    if (!link_load(txn, id, &link, error) ||
        (link && !account_load(txn, &link->account, &account, error))) {
        return FALSE;
    }
    if (!account) {
        return TRUE;
    }
    char *email = account_email(txn, account, error);
    if (!email) {
        return FALSE;
    }
    link_rows_add(rows, link, email);
    return TRUE;
}

Outcome
link_list(Txn *txn, G_GNUC_UNUSED const LinkAsked *asked, LinkAnswer *ret_answer, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, &all_links, NULL, LINKS_LISTED_MAX, error);

    ret_answer->rows = link_rows_new();
    for (guint i = 0; ids && i < ids->len; i++) {
        if (!row_add(txn, &g_array_index(ids, Id, i), ret_answer->rows, error)) {
            return OUTCOME_BROKEN;
        }
    }
    return ids ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

static gboolean is_named(const char *const *services, const char *service)
{
    for (; *services; services++) {
        if (g_str_equal(service_base_name(*services), service)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* Takes the named services out of a link; one without services goes. */
gboolean
link_narrow(Txn *txn, Link *link, const char *const *services, gboolean *changed, GError **error)
{
    g_autoptr(GStrvBuilder) left = g_strv_builder_new();
    g_autoptr(GArray) identities = g_array_new(FALSE, FALSE, sizeof(Id));

    for (guint i = 0; link->services[i] && i < link->identities->len; i++) {
        if (services && !is_named(services, link->services[i])) {
            g_strv_builder_add(left, link->services[i]);
            g_array_append_val(identities, g_array_index(link->identities, Id, i));
        }
    }
    if (identities->len == link->identities->len) {
        return TRUE;
    }
    *changed = TRUE;
    if (identities->len == 0) {
        return link_delete(txn, link, error);
    }
    g_strfreev(link->services);
    link->services = g_strv_builder_end(left);
    g_array_unref(link->identities);
    link->identities = g_steal_pointer(&identities);
    txn_set_revoking(txn);
    txn_announce(txn, KIND_LINK, &link->id, CHANGE_CHANGED);
    return record_save(txn, &link_table, link->id.bytes, ID_BYTES, link, 0, error) &&
           end_known_keys(txn, link, error) && note_change(txn, link, OUTCOME_DENIED, error);
}

Outcome link_remove(Txn *txn, const LinkAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    const char *const *services = asked->services && *asked->services ? asked->services : NULL;
    g_autoptr(GPtrArray) links = link_of_user(txn, asked->local_user, error);
    gboolean changed = FALSE;

    for (guint i = 0; links && i < links->len; i++) {
        if (!link_narrow(txn, links->pdata[i], services, &changed, error)) {
            return OUTCOME_BROKEN;
        }
    }
    if (!links) {
        return OUTCOME_BROKEN;
    }
    return changed ? OUTCOME_GRANTED : refuse(&ret_answer->reason, REASON_NOT_FOUND);
}

ACT_DEFINE(link_add, LinkAsked, LinkAnswer, link_answer_clear);
ACT_DEFINE(link_list, LinkAsked, LinkAnswer, link_answer_clear);
ACT_DEFINE(link_remove, LinkAsked, PlainAnswer, NULL);
