/* SPDX-License-Identifier: GPL-3.0-or-later */

/* message-id.c - the MESSAGE_ID of each event; its text stands in systemd/antara.catalog */

#include "base/log-events.h"
#include "base/log.h"

typedef struct MessageId {
    const char *event_id;
    const char *message_id; /* 128 random bits; it never changes */
} MessageId;

/* clang-format off */
static const MessageId message_ids[] = {
    {LOG_EVENT_STARTED, "fa5b9ea799194c05ae8c9b010a80386b"},
    {LOG_EVENT_REFUSED, "536fbd1fec92419d9be82f6acd344cb7"},
    {LOG_EVENT_NOT_LOCKED, "9093b5da5f2248b1a56a2e43596c2961"},
    {LOG_EVENT_STORE_FAILED, "f7a052f38a2148efa977c062c31c5922"},
    {LOG_EVENT_STORE_RECOVERING, "2237444ab6b844758f42d16608e3a7a4"},
    {LOG_EVENT_STORE_READ_ONLY, "543f1bd3fb474cb7b9b9c290ae6d2e62"},
    {LOG_EVENT_STORE_WRITABLE, "0778a8dacafa4c36a61e99596df603e3"},
    {LOG_EVENT_STORE_WORK, "bcfc4b8536a54b608eed5995717290c7"},
    {LOG_EVENT_ACT_BROKEN, "f09d7de14aea48c6b7ff07f096dd3554"},
    {LOG_EVENT_HTTP_LISTENING, "c40cc37ab7fb45979629d5382aa17891"},
    {LOG_EVENT_HTTP_REQUEST, "af550ee8a8f341a2b781a92c19092cb3"},
    {LOG_EVENT_HTTP_REFUSED, "33098ba50cf947b8bc52ff79fca0c297"},
    {LOG_EVENT_HTTP_ACCEPT, "eee7a23f191842b0b2ba393699833e95"},
    {LOG_EVENT_TLS_LOADED, "14c3682f59e842deb9af372146e487ab"},
    {LOG_EVENT_TLS_REFUSED, "0b9017f896c146fd9073f7edb1386e6b"},
    {LOG_EVENT_BUS_CONNECTED, "ae2d7890b72d40208078025e55ef9552"},
    {LOG_EVENT_BUS_LOST, "dce7a0d3dc5d406f8ae36d446f40ee45"},
    {LOG_EVENT_BUS_CALL, "81ca6a7829dd48f3bfa957c306d929d4"},
    {LOG_EVENT_MAIL_SENT, "0e1a4c09506c4fa88df806ab6bc467c5"},
    {LOG_EVENT_MAIL_FAILED, "9d5fbef5721a474fbb031bbd7598e0b7"},
    {LOG_EVENT_OUTBOX_FAILED, "95eb093a8fae41b6a4242d4d63fb7dda"},
    {LOG_EVENT_OUTBOX_GIVEN_UP, "bc9a4e623f584a039156f5fbb0dfe2d6"},
    {LOG_EVENT_LOGOUT_TOLD, "6c6e6013ed0645d7aadeb432a4db9993"},
    {LOG_EVENT_LOGOUT_FAILED, "614195b08fd84495aded3a59f441f9fc"},
    {LOG_EVENT_LOGOUT_REFUSED, "e47926495b854f4abb686fb4eacd3e16"},
    {LOG_EVENT_SWEEP_FAILED, "1b73d3051c3e468483a034356dea9b90"},
    {LOG_EVENT_ACCOUNT_CHANGED, "889c414267ed4fb2af95006c0137b646"},
    {LOG_EVENT_APP_REGISTERED, "f4a9bd6d81cb4e39a570cb2e9fdee9e8"},
    {LOG_EVENT_APPROVAL_DECIDED, "dabcfccaace54bf2a097eacbb40ef040"},
    {LOG_EVENT_LINK_CHANGED, "223567443e34f404ed435e066d8c8258"},
    {LOG_EVENT_PAM_KNOWN_KEY, "e3816cab3e9068adcfe0ed9e032b2226"},
    {LOG_EVENT_PAM_ENDED, "fde55c4885c24f1782a7fe4e14c57bb4"},
    {LOG_EVENT_PAM_REFUSED, "a91ffad37765a62cf0d4d8a6b6d49905"},
};
/* clang-format on */

const char *log_message_id(const char *event_id)
{
    for (gsize i = 0; i < G_N_ELEMENTS(message_ids); i++) {
        if (g_str_equal(message_ids[i].event_id, event_id)) {
            return message_ids[i].message_id;
        }
    }
    return NULL;
}
