/* SPDX-License-Identifier: GPL-3.0-or-later */

/* page.c - fills the frame, renders, answers */

#include "http/page.h"

#include "base/catalog.h"
#include "base/clock.h"
#include "http/web.h"

static Values *frame_values(const char *display_name, const char *language, const char *title)
{
    Values *values = values_new();

    values_set(values, "tenant", display_name != NULL ? display_name : "Antara");
    values_set(values, "language", language != NULL ? language : "en");
    values_set(values, "title", catalog_text(language, title));
    values_set(values, "shape", "narrow");
    values_set_path(values, "style", web_style_path());
    values_set(values, "account", NULL);
    return values;
}

Values *page_values(Exchange *exchange, const char *title)
{
    return frame_values(
        exchange_tenant(exchange)->display_name, exchange_language(exchange), title);
}

void page_set_account(Values *values, const char *email)
{
    values_set(values, "account", email);
}

void page_set_text(Values *values, const char *name, Exchange *exchange, const char *english)
{
    values_set(values, name, catalog_text(exchange_language(exchange), english));
}

void page_set_time(Values *values, const char *name, gint64 usec)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(usec / USEC_PER_SEC);
    g_autofree char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M UTC") : NULL;

    values_set(values, name, text);
}

void page_reply(Exchange *exchange, guint status, const char *name, Values *values)
{
    g_autoptr(Values) owned = values;
    exchange_reply_page(
        exchange, status, template_render(web_template(name), owned, exchange_language(exchange)));
}

/* Templates hold no scripts: this one is put in when all foreign text has been escaped, so there is
 * one end of the body. */
void page_reply_pressed(Exchange *exchange, const char *name, Values *values, const char *script)
{
    g_autoptr(Values) owned = values;
    g_autofree char *html = template_render(web_template(name), owned, exchange_language(exchange));
    const char *end = g_strrstr(html, "</body>");

    g_assert(end != NULL);
    exchange_allow_script(exchange, script);
    exchange_reply_page(
        exchange, 200,
        g_strdup_printf("%.*s<script>%s</script>\n%s", (int)(end - html), html, script, end));
}

/* What a person can do about it. */
static const char *advice(guint status)
{
    switch (status) {
    case 401:
    case 403:
        return N_("Go back to the page where you began, reload it, and try again.");
    case 404:
    case 410:
        return N_("Check the address, or begin again.");
    case 405:
    case 400:
        return N_("Go back to the app or the page where you began, and try again. If it happens "
                  "again, tell those who run the app.");
    case 429:
        return N_("Wait a few minutes, then try again.");
    default:
        return N_("Try again in a moment. If it stays so, tell those who run this site.");
    }
}

static const char *status_words(guint status)
{
    switch (status) {
    case 400:
        return N_("That request is not well formed.");
    case 404:
        return N_("There is no such page here.");
    case 405:
        return N_("That can't be done here.");
    case 413:
        return N_("That was too much at once.");
    case 429:
        return N_("That was too often. Please wait a few minutes.");
    default:
        return N_("Something went wrong on our side.");
    }
}

char *page_problem(const char *display_name, const char *language, guint status, const char *words)
{
    g_autofree char *number = g_strdup_printf("%u", status);
    g_autoptr(Values) values = frame_values(display_name, language, N_("That did not work"));

    values_set(
        values, "words", catalog_text(language, words != NULL ? words : status_words(status)));
    values_set(values, "advice", catalog_text(language, advice(status)));
    values_set(values, "status", number);
    if (status < 500 && display_name != NULL) {
        values_set_path(values, "again", "/login");
        values_set(values, "again_label", catalog_text(language, N_("Sign in")));
    } else {
        values_set(values, "again", NULL);
        values_set(values, "again_label", NULL);
    }
    return template_render(web_template("problem"), values, language);
}
