/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From libyaml's events to nodes. Events, not its documents: those resolve aliases and lose what was written. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/yaml.h"

/* ------------------------------------------------------------------ memory */

#define CHUNK_SIZE (32u << 10)

struct rf_chunk {
	struct rf_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

/* Zeroed memory that lives as long as the tree. */
static void *take(struct rf_yaml *yaml, size_t size)
{
	struct rf_chunk *chunk = yaml->chunk;

	size = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		chunk->used = 0;
		chunk->size = room;
		chunk->next = yaml->chunk;
		yaml->chunk = chunk;
	}
	chunk->used += size;
	return memset(chunk->data + chunk->used - size, 0, size);
}

void rf_yaml_free(struct rf_yaml *yaml)
{
	while (yaml->chunk) {
		struct rf_chunk *next = yaml->chunk->next;

		free(yaml->chunk);
		yaml->chunk = next;
	}
	yaml->document = NULL;
}

/* ----------------------------------------------------------------- builder */

struct level {
	struct rf_node *node;
	struct rf_node **tail; /* where the next child is hung */
};

struct builder {
	struct rf_yaml *yaml;
	struct rf_diags *diags;
	const char *file;
	const char *text; /* all of it */
	size_t len;
	struct rf_node **document; /* where the next document is hung */
	struct rf_node *root;	   /* of the document being read */
	struct level level[RF_YAML_DEPTH_MAX];
	size_t depth;
};

static struct rf_where place(const struct builder *b, yaml_mark_t mark)
{
	return (struct rf_where){b->file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static struct rf_node *add_node(struct builder *b, enum rf_node_kind kind, yaml_mark_t mark)
{
	struct rf_node *node = take(b->yaml, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->where = place(b, mark);
	if (b->depth) {
		struct level *level = &b->level[b->depth - 1];

		*level->tail = node;
		level->tail = &node->next;
		level->node->count++;
	} else {
		b->root = node;
	}
	return node;
}

static void refuse_properties(struct builder *b, const yaml_char_t *anchor, const yaml_char_t *tag, yaml_mark_t mark)
{
	if (anchor)
		rf_diag_add(b->diags, RF_ERROR, place(b, mark), "anchor \"&%s\": a policy has no anchors and aliases",
			    rf_shown((const char *)anchor));
	if (tag)
		rf_diag_add(b->diags, RF_ERROR, place(b, mark), "tag \"%s\": a policy has no tags",
			    rf_shown((const char *)tag));
}

static int add_string(struct builder *b, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	yaml_mark_t from = event->start_mark, to = event->end_mark;
	struct rf_node *node = add_node(b, RF_NODE_STRING, from);
	char *text = take(b->yaml, len + 1);
	bool quoted;

	if (!node || !text)
		return -ENOMEM;
	memcpy(text, value, len);
	node->text = text;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
		 event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	/* Without escapes, the text is as wide as what was written; anchors and tags only make it wider. */
	node->exact = (node->plain || quoted) && from.line == to.line &&
		      to.column - from.column == rf_characters(text, len) + (quoted ? 2 : 0);
	refuse_properties(b, event->data.scalar.anchor, event->data.scalar.tag, from);
	if (strlen(text) != len) {
		rf_diag_add(b->diags, RF_ERROR, node->where, "NUL in a string");
		node->kind = RF_NODE_BAD;
	}
	return 0;
}

static int open_level(struct builder *b, enum rf_node_kind kind, const yaml_char_t *anchor, const yaml_char_t *tag,
		      yaml_mark_t mark)
{
	struct rf_node *node;

	if (b->depth == RF_YAML_DEPTH_MAX) {
		rf_diag_add(b->diags, RF_ERROR, place(b, mark), "nested more than %d deep", RF_YAML_DEPTH_MAX);
		return -EINVAL;
	}
	node = add_node(b, kind, mark);
	if (!node)
		return -ENOMEM;
	refuse_properties(b, anchor, tag, mark);
	b->level[b->depth++] = (struct level){node, &node->child};
	return 0;
}

/* ---------------------------------------------------------- repeated keys */

static int by_text_then_place(const void *a, const void *b)
{
	const struct rf_node *x = *(struct rf_node *const *)a, *y = *(struct rf_node *const *)b;
	int order = strcmp(x->text, y->text);

	if (order)
		return order;
	if (x->where.line != y->where.line)
		return x->where.line < y->where.line ? -1 : 1;
	return x->where.col < y->where.col ? -1 : x->where.col > y->where.col;
}

/* Sorted, not compared each with each: a mapping may have a million keys. */
static int find_repeated(struct builder *b, struct rf_node *map)
{
	RF_AUTO_FREE struct rf_node **keys = calloc(map->count / 2 + 1, sizeof(struct rf_node *));
	size_t count = 0;

	if (!keys)
		return -ENOMEM;
	for (struct rf_node *key = map->child; key && key->next; key = key->next->next) {
		if (key->kind == RF_NODE_STRING)
			keys[count++] = key;
	}
	qsort(keys, count, sizeof(struct rf_node *), by_text_then_place);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (strcmp(keys[first]->text, keys[i]->text)) {
			first = i;
			continue;
		}
		keys[i]->repeated = true;
		rf_diag_add(b->diags, RF_ERROR, keys[i]->where, "duplicate key \"%s\": it stands in line %u already",
			    rf_shown(keys[i]->text), keys[first]->where.line);
	}
	return 0;
}

/* ------------------------------------------------------------------ events */

static int begin_document(struct builder *b, const yaml_event_t *event)
{
	b->root = NULL;
	if (event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
		rf_diag_add(b->diags, RF_ERROR, place(b, event->start_mark), "%%TAG: a policy has no tags");
	return 0;
}

static int end_document(struct builder *b)
{
	bool empty = !b->root || (b->root->kind == RF_NODE_STRING && b->root->plain && !b->root->text[0]);

	if (!empty) {
		*b->document = b->root;
		b->document = &b->root->next;
	}
	return 0;
}

static int on_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(b, event);
	case YAML_DOCUMENT_END_EVENT:
		return end_document(b);
	case YAML_ALIAS_EVENT:
		rf_diag_add(b->diags, RF_ERROR, place(b, event->start_mark),
			    "alias \"*%s\": a policy has no anchors and aliases; a word that begins with \"*\" is "
			    "written in quotation marks",
			    rf_shown((const char *)event->data.alias.anchor));
		return add_node(b, RF_NODE_BAD, event->start_mark) ? 0 : -ENOMEM;
	case YAML_SCALAR_EVENT:
		return add_string(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(b, RF_NODE_LIST, event->data.sequence_start.anchor, event->data.sequence_start.tag,
				  event->start_mark);
	case YAML_MAPPING_START_EVENT:
		return open_level(b, RF_NODE_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag,
				  event->start_mark);
	case YAML_SEQUENCE_END_EVENT:
		b->depth--;
		return 0;
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		/* The mapping just closed. */
		return find_repeated(b, b->level[b->depth].node);
	default:
		return 0;
	}
}

/* The byte of a place; marks count characters. */
static size_t byte_of(const struct builder *b, yaml_mark_t mark)
{
	size_t at = 0;

	for (size_t line = 0; line < mark.line && at < b->len; at++)
		line += b->text[at] == '\n';
	for (size_t column = 0; at < b->len; at++) {
		column += ((unsigned char)b->text[at] & 0xc0) != 0x80;
		if (column > mark.column)
			break;
	}
	return at;
}

/* The word at a mark, as far as it fits. */
static void word_at(const struct builder *b, yaml_mark_t mark, char *word, size_t size)
{
	size_t at = byte_of(b, mark), len = 0;

	while (at + len < b->len && len < size - 1 && !strchr(" \t\r\n,]}", b->text[at + len])) {
		word[len] = b->text[at + len];
		len++;
	}
	word[len] = '\0';
}

/* A pattern without quotation marks, as "*.c" or "**" with more behind it. False: it is something else. */
static bool unquoted_star(struct builder *b, const yaml_parser_t *parser)
{
	char word[64];

	if (!parser->context || !strstr(parser->context, "alias"))
		return false;
	word_at(b, parser->context_mark, word, sizeof(word));
	if (word[0] != '*')
		return false;
	rf_diag_add(
		b->diags, RF_ERROR, place(b, parser->context_mark),
		"YAML takes a word that begins with \"*\" for an alias: a pattern is written whole and in quotation "
		"marks, as in \"%s%s\"",
		!strncmp(word, "**", 2) ? "/" : "/**/", rf_shown(word));
	return true;
}

/* Another word that YAML reads nothing from unless it is quoted: "@name" and "%x" anywhere, "::1" in brackets. */
static bool unquoted_word(struct builder *b, const yaml_parser_t *parser)
{
	char word[64];

	word_at(b, parser->problem_mark, word, sizeof(word));
	if (!word[0] || !word[1] || !strchr("@%`:", word[0]))
		return false;
	rf_diag_add(b->diags, RF_ERROR, place(b, parser->problem_mark),
		    "YAML keeps \"%c\" at the beginning of a word for itself: write it in quotation marks, \"%s\"",
		    word[0], rf_shown(word));
	return true;
}

static int syntax_error(struct builder *b, const yaml_parser_t *parser)
{
	yaml_mark_t mark = parser->problem_mark;
	const char *problem = parser->problem ? parser->problem : "it cannot be read";

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (parser->error == YAML_READER_ERROR)
		mark = parser->mark;
	if (parser->error != YAML_READER_ERROR && (unquoted_star(b, parser) || unquoted_word(b, parser)))
		return -EINVAL;
	if (parser->context && parser->context_mark.line != mark.line)
		rf_diag_add(b->diags, RF_ERROR, place(b, mark), "YAML: %s (%s from line %zu)", problem, parser->context,
			    parser->context_mark.line + 1);
	else if (parser->context)
		rf_diag_add(b->diags, RF_ERROR, place(b, mark), "YAML: %s (%s)", problem, parser->context);
	else
		rf_diag_add(b->diags, RF_ERROR, place(b, mark), "YAML: %s", problem);
	return -EINVAL;
}

static int read_events(struct builder *b, yaml_parser_t *parser)
{
	int error = 0;
	bool end = false;

	while (!error && !end) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return syntax_error(b, parser);
		end = event.type == YAML_STREAM_END_EVENT;
		error = on_event(b, &event);
		yaml_event_delete(&event);
	}
	return error;
}

int rf_yaml_read(struct rf_yaml *yaml, const char *file, const char *text, size_t len, struct rf_diags *diags)
{
	struct builder b = {
		.yaml = yaml, .diags = diags, .file = file, .text = text, .len = len, .document = &yaml->document};
	yaml_parser_t parser;
	int error;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	error = read_events(&b, &parser);
	yaml_parser_delete(&parser);
	return error == -ENOMEM ? -ENOMEM : 0;
}
