// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The text: one table of keys a mapping, read as policies are, with the same messages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notify/config.h"
#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/schema.h"

#define EVERY_US  UINT64_C(60000000)
#define EVERY_MAX 86400u /* s */
#define WORDS_MAX 64u
#define TEXT_MAX  4096u /* bytes of a url, a header, a word */
#define SECOND_US UINT64_C(1000000)

/* One that is read. */
struct reading {
	struct rf_notifier *notifier;
	const struct rf_node *user; /* the key, where it is there */
	size_t kinds;
};

static bool add_text(struct rf_parse *p, struct rf_text **list, size_t *count, char *text, struct rf_where where)
{
	struct rf_text *grown = text ? rf_parse_grow(p, *list, *count, sizeof(*grown)) : NULL;

	if (!grown) {
		p->no_memory = true;
		free(text);
		return false;
	}
	*list = grown;
	grown[(*count)++] = (struct rf_text){text, where, false};
	return true;
}

/* A string of one line that is not too long, or NULL. */
static const char *read_line(struct rf_parse *p, const struct rf_node *node, const char *what)
{
	const char *text = rf_read_string(p, node, what);

	if (text && (rf_has_control(text) || strlen(text) > TEXT_MAX)) {
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s must be one line of up to %u bytes", what, TEXT_MAX);
		return NULL;
	}
	return text;
}

static void read_name(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_notifier *notifier = ((struct reading *)target)->notifier;
	const char *text = rf_read_string(p, value, "name");

	(void)key;
	if (!text)
		return;
	notifier->where = value->where;
	if (rf_is_label(text))
		notifier->name = rf_copy(p, text);
	else
		rf_diag_add(p->diags, RF_ERROR, value->where,
			    "name \"%s\" must be 1 to %d of a-z, 0-9 and \"-\", with no \"-\" at its ends",
			    rf_shown(text), RF_LABEL_MAX);
}

static void read_filter(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_notifier *notifier = ((struct reading *)target)->notifier;
	const char *text = rf_read_string(p, value, "filter");
	RF_AUTO_FREE char *problem = NULL;

	(void)key;
	if (!text)
		return;
	switch (rf_filter_parse(text, &notifier->filter, &problem)) {
	case 0:
		break;
	case -EINVAL:
		rf_diag_add(p->diags, RF_ERROR, value->where, "%s", problem ? problem : "this is no filter");
		break;
	default:
		p->no_memory = true;
	}
}

static void read_every(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_notifier *notifier = ((struct reading *)target)->notifier;
	const char *text = rf_read_string(p, value, "every");
	unsigned long number = 0;
	char *end = NULL;

	(void)key;
	if (!text)
		return;
	if (text[0] >= '0' && text[0] <= '9') {
		errno = 0;
		number = strtoul(text, &end, 10);
		number = errno || number > EVERY_MAX ? 0 : number;
	}
	if (number && (!strcmp(end, "s") || !strcmp(end, "m") || !strcmp(end, "h")))
		number *= *end == 's' ? 1 : *end == 'm' ? 60 : 3600;
	else
		number = 0;
	if (!number || number > EVERY_MAX)
		rf_diag_add(p->diags, RF_ERROR, value->where,
			    "every: \"%s\" must be a number with s, m or h, as in 1m; from 1s to 24h", rf_shown(text));
	notifier->every = number * SECOND_US;
}

/* ------------------------------------------------------------------- kinds */

static void is_kind(void *target, enum rf_notify_kind kind)
{
	struct reading *reading = target;

	reading->notifier->kind = kind;
	reading->kinds++;
}

static void read_url(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_notifier *notifier = target;
	const char *text = read_line(p, value, "url");

	(void)key;
	if (!text)
		return;
	if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)
		rf_diag_add(p->diags, RF_ERROR, value->where, "url \"%s\" must begin with https:// or http://",
			    rf_shown(text));
	else if (strchr(text, ' '))
		rf_diag_add(p->diags, RF_ERROR, value->where, "url has a space in it: write %%20");
	else
		notifier->url = rf_copy(p, text);
}

static void read_headers(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	struct rf_notifier *notifier = target;

	(void)key;
	if (!rf_expect(p, value, RF_NODE_MAP, "headers"))
		return;
	for (const struct rf_node *k = value->child; k && k->next; k = k->next->next) {
		const char *text;
		char *line = NULL;

		if (k->repeated || !rf_expect(p, k, RF_NODE_STRING, "a header's name"))
			continue;
		if (!k->text[0] || k->text[strspn(k->text, allowed)] || notifier->headers == WORDS_MAX) {
			rf_diag_add(p->diags, RF_ERROR, k->where,
				    "header \"%s\": letters, digits, \"-\" and \"_\" alone, and %u headers at most",
				    rf_shown(k->text), WORDS_MAX);
			continue;
		}
		text = read_line(p, k->next, "a header");
		if (text && asprintf(&line, "%s: %s", k->text, text) < 0)
			line = NULL;
		if (text && !add_text(p, &notifier->header, &notifier->headers, line, k->where))
			return;
	}
}

static const struct rf_key webhook_keys[] = {
	{"url", RF_KEY_STRING, true, read_url, NULL, NULL, "Where the JSON is posted to."},
	{"headers", RF_KEY_NAMES, false, read_headers, NULL, NULL, "Headers of the request, with their values."},
	{0},
};

static void read_webhook(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	is_kind(target, RF_NOTIFY_WEBHOOK);
	rf_read_map(p, value, "webhook", webhook_keys, ((struct reading *)target)->notifier);
}

/* The name of a user. Whether there is one is asked when it is needed: it may come from the network. */
static void take_user(struct rf_parse *p, const struct rf_node *value, const char *what, void *target)
{
	struct rf_notifier *notifier = ((struct reading *)target)->notifier;
	const char *text = read_line(p, value, what);

	if (text && (text[0] == '-' || strpbrk(text, " /:")))
		rf_diag_add(p->diags, RF_ERROR, value->where, "%s: \"%s\" is no user's name", what, rf_shown(text));
	else if (text && !notifier->user)
		notifier->user = rf_copy(p, text);
}

static void read_desktop(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	is_kind(target, RF_NOTIFY_DESKTOP);
	take_user(p, value, "desktop", target);
}

static void read_command(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	struct rf_notifier *notifier = ((struct reading *)target)->notifier;

	(void)key;
	is_kind(target, RF_NOTIFY_COMMAND);
	if (!rf_expect_items(p, value, "command"))
		return;
	for (const struct rf_node *item = value->child; item; item = item->next) {
		const char *text = read_line(p, item, "each item of command");

		if (text && item == value->child && text[0] != '/')
			rf_diag_add(p->diags, RF_ERROR, item->where,
				    "command: \"%s\" must be a program's whole path: there is no shell that would look "
				    "for it",
				    rf_shown(text));
		if (notifier->words == WORDS_MAX) {
			rf_diag_add(p->diags, RF_ERROR, item->where, "command has more than %u words", WORDS_MAX);
			return;
		}
		if (text && !add_text(p, &notifier->word, &notifier->words, rf_copy(p, text), item->where))
			return;
	}
}

static void read_user(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	((struct reading *)target)->user = key;
	take_user(p, value, "user", target);
}

/* clang-format off */
static const struct rf_key notifier_keys[] = {
	{"name", RF_KEY_STRING, true, read_name, NULL, NULL, "What policies name it by, in spec.notify."},
	{"filter", RF_KEY_STRING, false, read_filter, NULL, NULL, "Of which denials it tells."},
	{"every", RF_KEY_STRING, false, read_every, NULL, NULL, "How often at most, for each sandbox."},
	{"webhook", RF_KEY_OBJECT, false, read_webhook, NULL, webhook_keys, "Posts JSON."},
	{"desktop", RF_KEY_STRING, false, read_desktop, NULL, NULL, "Shows it on this user's desktop."},
	{"command", RF_KEY_STRINGS, false, read_command, NULL, NULL, "Runs a program, which reads JSON."},
	{"user", RF_KEY_STRING, false, read_user, NULL, NULL, "Who runs the command."},
	{0},
};
/* clang-format on */

static void notifier_free(struct rf_notifier *notifier)
{
	for (size_t i = 0; i < notifier->headers; i++)
		free(notifier->header[i].text);
	for (size_t i = 0; i < notifier->words; i++)
		free(notifier->word[i].text);
	rf_filter_free(notifier->filter);
	free(notifier->header);
	free(notifier->word);
	free(notifier->name);
	free(notifier->file);
	free(notifier->url);
	free(notifier->user);
}

static void read_notifier(struct rf_parse *p, const struct rf_node *node, struct rf_notifiers *all)
{
	struct rf_notifier one = {.every = EVERY_US, .where = node->where};
	struct reading reading = {.notifier = &one};
	struct rf_notifier *grown;
	enum rf_map map = rf_read_map(p, node, "an item of notify", notifier_keys, &reading);
	int other = one.name ? rf_notifiers_find(all, one.name) : -1;

	if (map == RF_MAP_READ && reading.kinds != 1)
		rf_diag_add(p->diags, RF_ERROR, node->where,
			    "an item of notify has one of webhook, desktop and command%s",
			    reading.kinds ? ", not more" : "");
	if (reading.user && one.kind != RF_NOTIFY_COMMAND)
		rf_diag_add(p->diags, RF_ERROR, reading.user->where, "user stands beside command alone");
	if (other >= 0)
		rf_diag_add(p->diags, RF_ERROR, one.where, "\"%s\" is there already: %s:%u", one.name,
			    all->notifier[other].file, all->notifier[other].where.line);
	if (all->count == RF_NOTIFIERS_MAX)
		rf_diag_add(p->diags, RF_ERROR, node->where, "there are more than %u who shall be told",
			    RF_NOTIFIERS_MAX);
	one.file = rf_copy(p, node->where.file);
	grown = rf_parse_grow(p, all->notifier, all->count, sizeof(*grown));
	if (!grown) {
		notifier_free(&one);
		return;
	}
	one.where.file = one.file;
	all->notifier = grown;
	all->notifier[all->count++] = one;
}

static void read_notify(struct rf_parse *p, const struct rf_node *key, const struct rf_node *value, void *target)
{
	(void)key;
	if (!rf_expect(p, value, RF_NODE_LIST, "notify"))
		return;
	for (const struct rf_node *item = value->child; item && !p->no_memory; item = item->next)
		read_notifier(p, item, target);
}

static const struct rf_key file_keys[] = {
	{"notify", RF_KEY_OBJECTS, true, read_notify, NULL, notifier_keys, "Who is told of denials, and how."},
	{0},
};

int rf_notifiers_parse(struct rf_notifiers *notifiers, const char *file, const char *text, size_t len,
		       struct rf_diags *diags)
{
	size_t count = notifiers->count, errors = diags->errors, told = diags->count;
	struct rf_parse p = {.diags = diags};
	struct rf_yaml yaml = {0};
	int err = 0;

	if (rf_source_check(file, text, len, diags))
		err = rf_yaml_read(&yaml, file, text, len, diags);
	for (const struct rf_node *node = yaml.document; node && !err && !p.no_memory; node = node->next)
		rf_read_map(&p, node, "the file", file_keys, notifiers);
	rf_yaml_free(&yaml);
	rf_diags_sort(diags, told);
	err = p.no_memory ? -ENOMEM : err;
	err = !err && diags->errors != errors ? -EINVAL : err;
	while (err && notifiers->count > count)
		notifier_free(&notifiers->notifier[--notifiers->count]);
	return err;
}

int rf_notifiers_find(const struct rf_notifiers *notifiers, const char *name)
{
	for (size_t i = 0; i < notifiers->count; i++)
		if (notifiers->notifier[i].name && strcmp(notifiers->notifier[i].name, name) == 0)
			return (int)i;
	return -1;
}

void rf_notifiers_free(struct rf_notifiers *notifiers)
{
	for (size_t i = 0; i < notifiers->count; i++)
		notifier_free(&notifiers->notifier[i]);
	free(notifiers->notifier);
	*notifiers = (struct rf_notifiers){.count = 0};
}
