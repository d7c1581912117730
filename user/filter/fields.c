// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One table: each field's name, where a record has it, and what it means. */
#include <stdio.h>
#include <string.h>

#include "filter/fields.h"
#include "filter/filter.h"

#define ADDRESS_MAX 128 /* bytes of an address and port */

enum source {
	MEMBER,	 /* the record's member of that name */
	LIST,	 /* the same, words with commas between; each word is a value as well */
	OBJECT,	 /* object, and the new name of a rename */
	PATH,	 /* the same of files alone */
	DEST,	 /* address:port of a destination, and the address */
	PARENT,	 /* the names of the processes that it comes from */
	EXE,	 /* exe of a task, program of who changed something */
	PROCESS, /* tgid, which people call pid, and the thread's number */
};

#define FIELDS(X)                                                                                     \
	X("type", MEMBER, "denial, or what else happened: began, ended, applied, lost and so on")     \
	X("policy", MEMBER, "the policy's name")                                                      \
	X("rule", MEMBER, "the rule that refused, as files[3]; none where no rule allows the access") \
	X("where", MEMBER, "the rule's place: file:line")                                             \
	X("sandbox", MEMBER, "the sandbox's number")                                                  \
	X("cgroup", MEMBER, "the path of the cgroup, or its end")                                     \
	X("unit", MEMBER, "the systemd unit")                                                         \
	X("access", LIST, "read, write, exec, connect or bind")                                       \
	X("path", PATH, "the path of a file; of a rename or link both")                               \
	X("object", OBJECT, "whatever was refused: path, socket, destination, task or capability")    \
	X("dest", DEST, "of a destination: address:port, or the address alone")                       \
	X("comm", MEMBER, "the name of the program")                                                  \
	X("exe", EXE, "the path of the program")                                                      \
	X("parent", PARENT, "the name of a process that it comes from, four at most")                 \
	X("pid", PROCESS, "the number of the process, or of the thread")                              \
	X("uid", MEMBER, "the number of the user")                                                    \
	X("reason", MEMBER, "the reason that the rule gives")                                         \
	X("why", MEMBER, "rule, guard, or a word for why rules were not asked")                       \
	X("verdict", MEMBER, "denied, or would-deny where the policy is in audit mode")               \
	X("hook", MEMBER, "where in the kernel it was refused")                                       \
	X("guard", MEMBER, "the guard that refused")                                                  \
	X("kind", MEMBER, "of the object: file, net, unix, task, capability or none")                 \
	X("count", MEMBER, "how many denials the record stands for")                                  \
	X("errno", MEMBER, "what the system call returned, as EACCES")

#define X(name, source, help) {name, help},
const struct rf_filter_field_row rf_filter_fields[] = {FIELDS(X){NULL, NULL}};
#undef X

#define X(name, source, help) source,
static const enum source sources[] = {FIELDS(X)};
#undef X

#define COUNT ((int)(sizeof(sources) / sizeof(sources[0])))

int rf_field_find(const char *name, size_t len)
{
	for (int i = 0; i < COUNT; i++)
		if (strlen(rf_filter_fields[i].name) == len && !memcmp(rf_filter_fields[i].name, name, len))
			return i;
	return -1;
}

static bool each_of(const json_t *value, rf_field_visit *visit, void *context)
{
	char number[32];
	int len;

	if (json_is_string(value))
		return visit(context, json_string_value(value), json_string_length(value));
	if (!json_is_integer(value))
		return false;
	len = snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	return visit(context, number, (size_t)len);
}

static bool each_word(const json_t *value, rf_field_visit *visit, void *context)
{
	const char *text = json_string_value(value), *end = text ? text + json_string_length(value) : NULL;

	if (each_of(value, visit, context))
		return true;
	while (text && text < end) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		size_t len = (size_t)((comma ? comma : end) - text);

		if (visit(context, text, len))
			return true;
		text += len + 1;
	}
	return false;
}

static bool each_name(const json_t *record, rf_field_visit *visit, void *context)
{
	return each_of(json_object_get(record, "object"), visit, context) ||
	       each_of(json_object_get(record, "second"), visit, context);
}

static bool each_dest(const json_t *record, rf_field_visit *visit, void *context)
{
	const json_t *address = json_object_get(record, "address"), *port = json_object_get(record, "port");
	const char *ip = json_string_value(address);
	char text[ADDRESS_MAX];
	int len;

	if (!ip)
		return false;
	len = snprintf(text, sizeof(text), strchr(ip, ':') ? "[%s]:%lld" : "%s:%lld", ip,
		       (long long)json_integer_value(port));
	if (len < (int)sizeof(text) && visit(context, text, (size_t)len))
		return true;
	return each_of(address, visit, context);
}

static bool each_parent(const json_t *record, rf_field_visit *visit, void *context)
{
	const json_t *parents = json_object_get(record, "parents"), *parent;
	size_t i;

	json_array_foreach(parents, i,
			   parent) if (each_of(json_object_get(parent, "comm"), visit, context)) return true;
	return false;
}

static const json_t *first_of(const json_t *record, const char *key, const char *other)
{
	const json_t *value = json_object_get(record, key);

	return value && !json_is_null(value) ? value : json_object_get(record, other);
}

bool rf_field_each(const json_t *record, int field, rf_field_visit *visit, void *context)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));
	const char *name = rf_filter_fields[field].name;

	switch (sources[field]) {
	case MEMBER:
		break;
	case LIST:
		return each_word(json_object_get(record, name), visit, context);
	case OBJECT:
		return each_name(record, visit, context);
	case PATH:
		return kind && !strcmp(kind, "file") && each_name(record, visit, context);
	case DEST:
		return each_dest(record, visit, context);
	case PARENT:
		return each_parent(record, visit, context);
	case EXE:
		return each_of(first_of(record, name, "program"), visit, context);
	case PROCESS:
		return each_of(json_object_get(record, "tgid"), visit, context) ||
		       each_of(json_object_get(record, "pid"), visit, context);
	}
	return each_of(json_object_get(record, name), visit, context);
}

/* ---------------------------------------------------------------- one value */

struct copy {
	char *buf;
	size_t size;
};

static bool copy(void *context, const char *value, size_t len)
{
	struct copy *to = context;

	if (!to->size)
		return true;
	len = len < to->size ? len : to->size - 1;
	memcpy(to->buf, value, len);
	to->buf[len] = '\0';
	return true;
}

bool rf_filter_field(const json_t *record, const char *field, char *buf, size_t size)
{
	struct copy to = {buf, size};
	int at = rf_field_find(field, strlen(field));

	if (size)
		buf[0] = '\0';
	return at >= 0 && rf_field_each(record, at, copy, &to);
}
