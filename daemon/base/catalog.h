/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * catalog.h - every text that a person reads, looked up by language
 *
 * English stands in the source and is the key; the files of po/ hold the translations, compiled in
 * (gettext(3) translates nothing where a locale is not installed). N_ marks a text that is looked
 * up later.
 */

#define N_(english) english

/* (transfer none): static; the English text itself where @language has none. */
const char *catalog_text(const char *language, const char *english);

/* The best language that we have for an Accept-Language header (RFC 9110 12.5.4); untrusted, may be
 * NULL. Static; "en" when nothing fits. */
const char *catalog_choose(const char *accept_language);
