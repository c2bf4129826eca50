/* SPDX-License-Identifier: GPL-3.0-or-later */

/* courier-fetch.c - one request by libcurl, to an address that was looked at */

#include "base/error.h"
#include "core/foreign-address.h"
#include "core/network.h"
#include "jobs/courier-inside.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

#define USEC_PER_MS 1000

/* One request under way. */
typedef struct Fetch {
    const CourierFetch *asked;
    char *host;
    guint port;
    char **addresses; /* of the host; all public */
    gsize head_bytes;
    GByteArray *body;
    gboolean cut;
} Fetch;

static void fetch_clear(Fetch *fetch)
{
    g_clear_pointer(&fetch->host, g_free);
    g_clear_pointer(&fetch->addresses, g_strfreev);
    g_clear_pointer(&fetch->body, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fetch, fetch_clear)

static gboolean failed(GError **error, const char *host, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", host, words);
    return FALSE;
}

static gboolean address_is_allowed(const CourierOptions *options, const char *text)
{
    return foreign_address_is_public(text) ||
           (ANTARA_TEST_LOOPBACK && options->test_ca && network_is_loopback(text));
}

/* One address that is not public is enough: whoever names one wants us to go there. */
static gboolean look_up(Fetch *fetch, GError **error)
{
    const CourierFetch *asked = fetch->asked;
    const LookupAsked lookup = {
        .host = fetch->host,
        .resolve = asked->options->resolve,
        .data = asked->options->resolve_data,
        .deadline_usec = asked->deadline_usec,
        .stopping = asked->stopping,
    };

    fetch->addresses = lookup_run(&lookup, error);
    for (char **address = fetch->addresses; address && *address; address++) {
        if (!address_is_allowed(asked->options, *address)) {
            return failed(error, fetch->host, "the name has an address that is not public");
        }
    }
    return fetch->addresses != NULL;
}

/* Whatever libcurl believes the name to be: nothing is connected that was not looked at. */
static curl_socket_t
open_socket(void *user, G_GNUC_UNUSED curlsocktype purpose, struct curl_sockaddr *address)
{
    const Fetch *fetch = user;
    const void *bytes = address->family == AF_INET
                            ? (const void *)&((struct sockaddr_in *)&address->addr)->sin_addr
                            : (const void *)&((struct sockaddr_in6 *)&address->addr)->sin6_addr;
    char text[INET6_ADDRSTRLEN];

    if ((address->family != AF_INET && address->family != AF_INET6) ||
        !inet_ntop(address->family, bytes, text, sizeof(text)) ||
        !g_strv_contains((const char *const *)fetch->addresses, text)) {
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_head(G_GNUC_UNUSED char *data, size_t size, size_t count, void *user)
{
    Fetch *fetch = user;

    fetch->head_bytes += size * count;
    return fetch->head_bytes <= COURIER_HEAD_BYTES_MAX ? size * count : 0;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    Fetch *fetch = user;
    gsize bytes = MIN(size * count, COURIER_BODY_BYTES_MAX - fetch->body->len);

    g_byte_array_append(fetch->body, (const guint8 *)data, (guint)bytes);
    fetch->cut = bytes < size * count;
    return bytes; /* fewer than there are end the request */
}

static int give_up(
    void *user,
    G_GNUC_UNUSED curl_off_t down_all,
    G_GNUC_UNUSED curl_off_t down,
    G_GNUC_UNUSED curl_off_t up_all,
    G_GNUC_UNUSED curl_off_t up)
{
    return g_atomic_int_get(((const Fetch *)user)->asked->stopping);
}

/* "HOST:PORT:ADDRESS,[ADDRESS]": so libcurl resolves nothing. */
static struct curl_slist *pinned(const Fetch *fetch)
{
    g_autoptr(GString) entry = g_string_new(NULL);

    g_string_printf(entry, "%s:%u:", fetch->host, fetch->port);
    for (char **address = fetch->addresses; *address; address++) {
        g_string_append_printf(
            entry, strchr(*address, ':') ? "%s[%s]" : "%s%s",
            address == fetch->addresses ? "" : ",", *address);
    }
    return curl_slist_append(NULL, entry->str);
}

/* Where it may go, and that nothing of this machine's surroundings goes along. */
static void set_way(CURL *curl, Fetch *fetch, const struct curl_slist *pins)
{
    gint64 left = fetch->asked->deadline_usec - g_get_monotonic_time();

    curl_easy_setopt(curl, CURLOPT_URL, fetch->asked->request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, pins);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)MAX(left / USEC_PER_MS, 1));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (ANTARA_TEST_LOOPBACK && fetch->asked->options->test_ca) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, fetch->asked->options->test_ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
}

static struct curl_slist *set_request(CURL *curl, Fetch *fetch)
{
    const CourierRequest *request = fetch->asked->request;
    struct curl_slist *headers = NULL;

    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, give_up);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, fetch);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Antara");
    if (request->type) {
        gsize size = 0;
        const void *data = g_bytes_get_data(request->body, &size);
        g_autofree char *type = g_strconcat("Content-Type: ", request->type, NULL);
        headers = curl_slist_append(curl_slist_append(NULL, type), "Expect:");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, data);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    }
    return headers;
}

static gboolean perform(Fetch *fetch, guint *ret_status, GError **error)
{
    struct curl_slist *pins = pinned(fetch);
    CURL *curl = curl_easy_init();
    char words[CURL_ERROR_SIZE] = "";
    long status = 0;

    g_assert(curl);
    set_way(curl, fetch, pins);
    struct curl_slist *headers = set_request(curl, fetch);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_slist_free_all(pins);
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && fetch->cut)) {
        return failed(
            error, fetch->host,
            fetch->head_bytes > COURIER_HEAD_BYTES_MAX ? "the head of its answer is too long"
            : *words                                   ? words
                                                       : curl_easy_strerror(code));
    }
    *ret_status = (guint)status;
    return TRUE;
}

gboolean courier_fetch(const CourierFetch *asked, CourierAnswer *ret_answer, GError **error)
{
    g_auto(Fetch) fetch = {.asked = asked, .body = g_byte_array_new()};
    const char *problem = foreign_url_read(asked->request->url, &fetch.host, &fetch.port);
    guint status = 0;

    if (problem) {
        g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, problem);
        return FALSE;
    }
    if (!look_up(&fetch, error) || !perform(&fetch, &status, error)) {
        return FALSE;
    }
    *ret_answer = (CourierAnswer){
        .status = status,
        .body = g_byte_array_free_to_bytes(g_steal_pointer(&fetch.body)),
        .cut = fetch.cut,
    };
    return TRUE;
}
