/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Types, words and tables of keys. */
#include <stdlib.h>
#include <string.h>

#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/schema.h"

static const char *kind_name(const struct rf_node *node)
{
	switch (node->kind) {
	case RF_NODE_LIST:
		return "a list";
	case RF_NODE_MAP:
		return "a mapping";
	default:
		return "a single value";
	}
}

static bool is_null(const struct rf_node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (node->kind == RF_NODE_STRING && node->plain && !strcmp(node->text, words[i]))
			return true;
	}
	return false;
}

static bool is_bool(const struct rf_node *node)
{
	return node->plain && (!strcasecmp(node->text, "true") || !strcasecmp(node->text, "false"));
}

bool rf_expect(struct rf_parse *p, const struct rf_node *node, enum rf_node_kind kind, const char *what)
{
	static const char *const wanted[] = {
		[RF_NODE_STRING] = "a string",
		[RF_NODE_LIST] = "a list",
		[RF_NODE_MAP] = "a mapping",
	};

	if (node->kind == RF_NODE_BAD)
		return false;
	if (is_null(node)) {
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s has no value: it must be %s", what, wanted[kind]);
		return false;
	}
	if (node->kind == kind)
		return true;
	rf_diag_add(p->diags, RF_ERROR, node->where, "%s must be %s, not %s", what, wanted[kind], kind_name(node));
	return false;
}

bool rf_expect_items(struct rf_parse *p, const struct rf_node *node, const char *what)
{
	if (!rf_expect(p, node, RF_NODE_LIST, what))
		return false;
	if (!node->count)
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s is empty", what);
	return node->count;
}

const char *rf_read_string(struct rf_parse *p, const struct rf_node *node, const char *what)
{
	if (!rf_expect(p, node, RF_NODE_STRING, what))
		return NULL;
	if (!node->text[0]) {
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s is empty", what);
		return NULL;
	}
	if (is_bool(node)) {
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s must be a string: put quotes around \"%s\"", what,
			    node->text);
		return NULL;
	}
	return node->text;
}

char *rf_copy(struct rf_parse *p, const char *text)
{
	char *copy = strdup(text);

	p->no_memory |= !copy;
	return copy;
}

char *rf_copy_string(struct rf_parse *p, const struct rf_node *node, const char *what)
{
	const char *text = rf_read_string(p, node, what);

	return text ? rf_copy(p, text) : NULL;
}

void rf_read_bool(struct rf_parse *p, const struct rf_node *node, const char *what, bool *out)
{
	if (!rf_expect(p, node, RF_NODE_STRING, what))
		return;
	*out = !strcmp(node->text, "true");
	if (!node->plain || (!*out && strcmp(node->text, "false")))
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s must be true or false%s", what,
			    node->plain ? "" : ", without quotes");
}

int rf_read_word(struct rf_parse *p, const struct rf_node *node, const char *what, const char *const *words)
{
	const char *text = rf_read_string(p, node, what);
	const char *near;

	if (!text)
		return -1;
	for (int i = 0; words[i]; i++) {
		if (!strcmp(text, words[i]))
			return i;
	}
	near = rf_nearest(text, words);
	if (near) {
		rf_diag_add(p->diags, RF_ERROR, node->where, "%s: unknown word \"%s\", did you mean \"%s\"?", what,
			    rf_shown(text), near);
		return -1;
	}
	char list[256] = "";

	for (int i = 0; words[i]; i++) {
		if (i)
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, words[i], sizeof(list) - strlen(list) - 1);
	}
	rf_diag_add(p->diags, RF_ERROR, node->where, "%s: unknown word \"%s\" (there are: %s)", what, rf_shown(text),
		    list);
	return -1;
}

unsigned rf_read_words(struct rf_parse *p, const struct rf_node *node, const char *what, const char *const *words,
		       bool some)
{
	unsigned bits = 0;

	if (node->kind != RF_NODE_LIST) {
		int word = rf_read_word(p, node, what, words);

		return word < 0 ? 0 : 1u << word;
	}
	if (some && !rf_expect_items(p, node, what))
		return 0;
	for (const struct rf_node *item = node->child; item; item = item->next) {
		int word = rf_read_word(p, item, what, words);

		if (word < 0)
			continue;
		if (bits & 1u << word)
			rf_diag_add(p->diags, RF_ERROR, item->where, "%s names \"%s\" twice", what, words[word]);
		bits |= 1u << word;
	}
	return bits;
}

/* ---------------------------------------------------------------- mappings */

#define KEYS_MAX 16

/* Tells it; returns the key that was meant, as a bit, or 0. */
static unsigned unknown_key(struct rf_parse *p, const struct rf_node *key, const char *what, const struct rf_key *keys)
{
	const char *words[KEYS_MAX + 1];
	const char *near;
	size_t count = 0;

	for (; keys[count].key && count < KEYS_MAX; count++)
		words[count] = keys[count].key;
	words[count] = NULL;
	near = rf_nearest(key->text, words);
	if (near)
		rf_diag_add(p->diags, RF_ERROR, key->where, "unknown key \"%s\" in %s, did you mean \"%s\"?",
			    rf_shown(key->text), what, near);
	else
		rf_diag_add(p->diags, RF_ERROR, key->where, "unknown key \"%s\" in %s", rf_shown(key->text), what);
	for (size_t i = 0; near && i < count; i++) {
		if (near == words[i])
			return 1u << i;
	}
	return 0;
}

/* Reads a key's value. One value stands for a list of it, wherever a list is taken. */
static void read_value(struct rf_parse *p, const struct rf_key *key, const struct rf_node *name,
		       const struct rf_node *value, void *target)
{
	struct rf_node one = *value, list = {.kind = RF_NODE_LIST, .where = value->where, .child = &one, .count = 1};
	bool alone = (key->type == RF_KEY_STRINGS && value->kind == RF_NODE_STRING && !is_null(value)) ||
		     (key->type == RF_KEY_OBJECTS && value->kind == RF_NODE_MAP);

	one.next = NULL;
	key->read(p, name, alone ? &list : value, target);
}

enum rf_map rf_read_map(struct rf_parse *p, const struct rf_node *node, const char *what, const struct rf_key *keys,
			void *target)
{
	unsigned seen = 0, meant = 0;

	if (!rf_expect(p, node, RF_NODE_MAP, what))
		return RF_MAP_NONE;
	for (const struct rf_node *key = node->child; key && key->next; key = key->next->next) {
		size_t i = 0;

		if (key->repeated || !rf_expect(p, key, RF_NODE_STRING, "a key"))
			continue;
		while (keys[i].key && strcmp(keys[i].key, key->text))
			i++;
		if (!keys[i].key) {
			meant |= unknown_key(p, key, what, keys);
			continue;
		}
		seen |= 1u << i;
		read_value(p, &keys[i], key, key->next, target);
	}
	for (size_t i = 0; keys[i].key; i++) {
		if (keys[i].needed && !((seen | meant) & 1u << i))
			rf_diag_add(p->diags, RF_ERROR, node->where, "%s has no %s", what, keys[i].key);
	}
	return meant ? RF_MAP_MISSPELT : RF_MAP_READ;
}

const struct rf_key *rf_key_find(const struct rf_key *keys, const char *name, size_t len)
{
	for (; keys && keys->key; keys++)
		if (strlen(keys->key) == len && !memcmp(keys->key, name, len))
			return keys;
	return NULL;
}

const struct rf_key *rf_key_at(const char *path)
{
	const struct rf_key *keys = rf_policy_keys, *key = NULL;

	while (*path) {
		size_t len = strcspn(path, ".[");

		key = rf_key_find(keys, path, len);
		if (!key)
			return NULL;
		path += len;
		if (*path == '[') {
			if (key->type != RF_KEY_OBJECTS && key->type != RF_KEY_STRINGS && key->type != RF_KEY_WORDS)
				return NULL;
			path += 1 + strspn(path + 1, "0123456789");
			if (*path++ != ']')
				return NULL;
		}
		if (*path && (*path != '.' || !path[1]))
			return NULL;
		path += *path == '.';
		keys = key->keys;
	}
	return key;
}

/* ------------------------------------------------------------------ pieces */

void *rf_parse_grow(struct rf_parse *p, void *array, size_t count, size_t size)
{
	void *grown = rf_grow(array, count, size);

	p->no_memory |= !grown;
	return grown;
}

struct rf_where rf_node_place(const struct rf_node *node, size_t at)
{
	struct rf_where where = node->where;

	if (node->exact)
		where.col += rf_characters(node->text, at) + !node->plain;
	return where;
}

struct rf_text rf_text_of(struct rf_parse *p, const struct rf_node *node)
{
	return (struct rf_text){rf_copy(p, node->text), rf_node_place(node, 0), node->exact};
}

bool rf_has_control(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0))
			return true;
	}
	return false;
}

bool rf_is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && !(i && c >= '0' && c <= '9'))
			return false;
	}
	return len && len <= 64;
}

bool rf_is_label(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > RF_LABEL_MAX || text[0] == '-' || text[len - 1] == '-')
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}
