/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/polkit.h"

#define POLKIT_ALLOW_INTERACTION 1U
#define POLKIT_TIMEOUT_USEC      (G_GUINT64_CONSTANT(300) * G_USEC_PER_SEC)

typedef struct Question {
    PolkitAnswered answered;
    gpointer data;
} Question;

static void question_free(void *question)
{
    g_free(question);
}

static int
polkit_has_answered(sd_bus_message *reply, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const Question question = *(const Question *)data;
    int allowed = 0;
    int challenge = 0;

    if (sd_bus_message_is_method_error(reply, NULL)) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        question.answered(OUTCOME_BROKEN, error->message, question.data);
        return 0;
    }
    int r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
    r = r < 0 ? r : sd_bus_message_read(reply, "bb", &allowed, &challenge);
    if (r < 0) {
        question.answered(OUTCOME_BROKEN, "polkit's answer can't be read", question.data);
        return 0;
    }
    question.answered(allowed ? OUTCOME_GRANTED : OUTCOME_DENIED, NULL, question.data);
    return 0;
}

static int append_question(sd_bus_message *call, sd_bus_message *asker, const char *action)
{
    const guint32 flags = sd_bus_message_get_allow_interactive_authorization(asker) > 0
                              ? POLKIT_ALLOW_INTERACTION
                              : 0;

    return sd_bus_message_append(
        call, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
        sd_bus_message_get_sender(asker), action, 0, flags, "");
}

int polkit_ask(
    sd_bus_message *message,
    const char *action,
    PolkitAnswered answered,
    gpointer data,
    sd_bus_slot **ret_slot)
{
    __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *call = NULL;
    sd_bus *bus = sd_bus_message_get_bus(message);
    Question *question = g_new(Question, 1);

    *question = (Question){answered, data};
    int r = sd_bus_message_new_method_call(
        bus, &call, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
    r = r < 0 ? r : append_question(call, message, action);
    r = r < 0 ? r
              : sd_bus_call_async(
                    bus, ret_slot, call, polkit_has_answered, question, POLKIT_TIMEOUT_USEC);
    if (r < 0) {
        g_free(question);
        return r;
    }
    return sd_bus_slot_set_destroy_callback(*ret_slot, question_free);
}
