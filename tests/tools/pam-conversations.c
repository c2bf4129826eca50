/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * pam-conversations CONFDIR SERVICE KIND COUNT - signs in COUNT times in one process, as
 * user0, user1, …, with a conversation function of some KIND:
 *
 *   typed     answers each prompt with ANTARA_TEST_TYPED; without it with a number that is wrong
 *   server    as an IMAP server does: a prompt that is not shown wants ANTARA_TEST_TYPED, another
 * the user's name null      there is no conversation function failing   it returns PAM_CONV_ERR
 *   empty     it succeeds, and gives no answers
 *   hollow    it gives answers without a text
 *   person    misc_conv(3): whoever sits at the terminal answers
 *
 * ANTARA_TEST_SILENT sets PAM_SILENT, ANTARA_TEST_TTY, _RHOST and _RUSER are PAM_TTY and so on,
 * ANTARA_TEST_USER a name for all; "-": for each the next word of standard input.
 * ANTARA_TEST_PHASE is another phase than authenticate: account, setcred, open, close, password.
 *
 * Prints a line for the last result, the messages that were shown, resident KiB and descriptors
 * after a tenth and at the end, whether signal handlers are as before, the calls of the last
 * conversation (the style and text of each message), and where names are read, of each conversation
 * the nanoseconds until it asked, and from the answer to its end or the next call.
 */

#include <dirent.h>
#include <security/pam_appl.h>
#include <security/pam_misc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Talk {
    const char *kind;
    unsigned prompts, others;
    char user[512];
    char *calls;        /* JSON, of the last conversation */
    long long marks[4]; /* when it began, asked, was answered, and went on */
    unsigned marked;
} Talk;

static void mark(Talk *self)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (self->marked < 4) {
        self->marks[self->marked++] = now.tv_sec * 1000000000LL + now.tv_nsec;
    }
}

static void write_text(FILE *file, const char *text)
{
    (void)fputc('"', file);
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\') {
            (void)fprintf(file, "\\u%04x", (unsigned char)*text);
        } else {
            (void)fputc(*text, file);
        }
    }
    (void)fputc('"', file);
}

/* Adds what one call shows. */
static void note(Talk *self, int n, const struct pam_message **messages)
{
    char *calls = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&calls, &size);

    (void)fprintf(file, "%s%s[", self->calls ? self->calls : "", self->calls ? ", " : "");
    for (int i = 0; i < n; i++) {
        (void)fprintf(file, "%s[%d, ", i > 0 ? ", " : "", messages[i]->msg_style);
        write_text(file, messages[i]->msg);
        (void)fputc(']', file);
    }
    (void)fputc(']', file);
    (void)fclose(file);
    free(self->calls);
    self->calls = calls;
}

/* NULL: none. */
static char *answer_to(const Talk *self, int style)
{
    const char *typed = getenv("ANTARA_TEST_TYPED");

    if (style != PAM_PROMPT_ECHO_ON && style != PAM_PROMPT_ECHO_OFF) {
        return NULL;
    }
    if (strcmp(self->kind, "server") == 0 && style == PAM_PROMPT_ECHO_ON) {
        return strdup(self->user);
    }
    return strcmp(self->kind, "hollow") == 0 ? NULL : strdup(typed ? typed : "00");
}

static int talk(int n, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    Talk *self = data;
    struct pam_response *answers = NULL;

    mark(self);
    note(self, n, messages);
    for (int i = 0; i < n; i++) {
        int style = messages[i]->msg_style;
        if (style == PAM_PROMPT_ECHO_ON || style == PAM_PROMPT_ECHO_OFF) {
            self->prompts++;
        } else {
            self->others++;
        }
    }
    if (strcmp(self->kind, "failing") == 0) {
        return PAM_CONV_ERR;
    }
    if (strcmp(self->kind, "empty") != 0) {
        answers = calloc((size_t)n, sizeof(*answers));
    }
    for (int i = 0; answers && i < n; i++) {
        answers[i].resp = answer_to(self, messages[i]->msg_style);
    }
    *ret = answers;
    mark(self);
    return PAM_SUCCESS;
}

static struct pam_conv conversation_of(Talk *self)
{
    struct pam_conv conv = {talk, self};

    if (strcmp(self->kind, "null") == 0) {
        conv.conv = NULL;
    } else if (strcmp(self->kind, "person") == 0) {
        conv.conv = misc_conv;
    }
    return conv;
}

static int run_phase(pam_handle_t *pamh, int flags)
{
    static const struct {
        const char *name;
        int (*run)(pam_handle_t *pamh, int flags);
    } rows[] = {
        {"account", pam_acct_mgmt},   {"setcred", pam_setcred},    {"open", pam_open_session},
        {"close", pam_close_session}, {"password", pam_chauthtok},
    };
    const char *wanted = getenv("ANTARA_TEST_PHASE");

    for (size_t i = 0; wanted && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, wanted) == 0) {
            return rows[i].run(pamh, flags);
        }
    }
    return wanted ? PAM_SYSTEM_ERR : pam_authenticate(pamh, flags);
}

static int set_items(pam_handle_t *pamh)
{
    static const struct {
        const char *variable;
        int item;
    } rows[] = {
        {"ANTARA_TEST_TTY", PAM_TTY},
        {"ANTARA_TEST_RHOST", PAM_RHOST},
        {"ANTARA_TEST_RUSER", PAM_RUSER},
    };
    int code = PAM_SUCCESS;

    for (size_t i = 0; code == PAM_SUCCESS && i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *text = getenv(rows[i].variable);
        code = text ? pam_set_item(pamh, rows[i].item, text) : PAM_SUCCESS;
    }
    return code;
}

static int names_are_read(void)
{
    const char *user = getenv("ANTARA_TEST_USER");

    return user && strcmp(user, "-") == 0;
}

static int sign_in(const char *confdir, const char *service, Talk *self, int number, int flags)
{
    const struct pam_conv conv = conversation_of(self);
    const char *user = getenv("ANTARA_TEST_USER");
    pam_handle_t *pamh = NULL;

    free(self->calls);
    self->calls = NULL;
    (void)snprintf(self->user, sizeof(self->user), "user%d", number);
    if (user && !names_are_read()) {
        (void)snprintf(self->user, sizeof(self->user), "%s", user);
    } else if (user && scanf("%511s", self->user) != 1) {
        return PAM_SYSTEM_ERR;
    }
    int code = pam_start_confdir(service, self->user, &conv, confdir, &pamh);
    if (code == PAM_SUCCESS) {
        code = set_items(pamh);
    }
    if (code == PAM_SUCCESS) {
        self->marked = 0;
        mark(self);
        code = run_phase(pamh, flags);
        mark(self);
    }
    (void)pam_end(pamh, code);
    return code;
}

static void write_times(FILE *times, const Talk *self)
{
    const long long *marks = self->marks;

    if (names_are_read()) {
        (void)fprintf(
            times, "%s[%lld, %lld]", ftell(times) > 0 ? ", " : "", marks[1] - marks[0],
            marks[3] - marks[2]);
    }
}

static long resident_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file) {
        (void)fscanf(file, "%*s %ld", &pages);
        (void)fclose(file);
    }
    return pages * 4;
}

static int descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (dir && readdir(dir)) {
        count++;
    }
    if (dir) {
        (void)closedir(dir);
    }
    return count;
}

/* Of each signal that there is; in the place of 0 the mask of what is blocked. */
static void handlers_read(struct sigaction *ret)
{
    for (int number = 1; number < NSIG; number++) {
        (void)sigaction(number, NULL, &ret[number]);
    }
    (void)sigprocmask(SIG_BLOCK, NULL, &ret[0].sa_mask);
}

/* The first signal whose handler or flags differ, or which is blocked otherwise; 0: none. */
static int handlers_differ(const struct sigaction *a, const struct sigaction *b)
{
    for (int number = 1; number < NSIG; number++) {
        if (a[number].sa_handler != b[number].sa_handler ||
            a[number].sa_flags != b[number].sa_flags ||
            sigismember(&a[0].sa_mask, number) != sigismember(&b[0].sa_mask, number)) {
            return number;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct sigaction before[NSIG], after[NSIG];
    long kib = 0;
    int open = 0;
    int code = PAM_SYSTEM_ERR;

    if (argc != 5) {
        (void)fputs("pam-conversations CONFDIR SERVICE KIND COUNT\n", stderr);
        return 2;
    }
    Talk self = {.kind = argv[3]};
    const int count = atoi(argv[4]);
    const int flags = getenv("ANTARA_TEST_SILENT") ? PAM_SILENT : 0;
    char *times = NULL;
    size_t times_size = 0;
    FILE *times_file = open_memstream(&times, &times_size);
    handlers_read(before);
    for (int i = 0; i < count; i++) {
        code = sign_in(argv[1], argv[2], &self, i, flags);
        write_times(times_file, &self);
        if (i == count / 10) {
            kib = resident_kib();
            open = descriptors();
        }
    }
    handlers_read(after);
    (void)fclose(times_file);
    (void)printf(
        "{\"result\": %d, \"prompts\": %u, \"others\": %u, \"kib\": [%ld, %ld], \"descriptors\": "
        "[%d, %d], \"signal\": %d, \"calls\": [%s], \"times\": [%s]}\n",
        code, self.prompts, self.others, kib, resident_kib(), open, descriptors(),
        handlers_differ(before, after), self.calls ? self.calls : "", times);
    free(times);
    free(self.calls);
    return 0;
}
