/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a file or a text to policies: all of it or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/diag.h"
#include "policy/memory.h"
#include "policy/model.h"
#include "policy/parse.h"

/* Keeps a file's name for as long as the set lives: places point at it. */
static const char *keep_name(struct rf_policies *policies, const char *name)
{
	char **grown = rf_grow(policies->file, policies->files, sizeof(*grown));
	char *copy = grown ? strdup(name) : NULL;

	if (grown)
		policies->file = grown;
	if (copy)
		policies->file[policies->files++] = copy;
	return copy;
}

static int by_name(const void *a, const void *b)
{
	const struct rf_policy *x = *(struct rf_policy *const *)a, *y = *(struct rf_policy *const *)b;
	int order = strcmp(x->name, y->name);

	/* Of equal names in order of appearance: the set is one array. */
	return order ? order : x < y ? -1 : x > y;
}

/* Tells names that stand twice in the set, at those of its policies that are new. */
static int check_names(const struct rf_policies *policies, size_t added_from, struct rf_diags *diags)
{
	RF_AUTO_FREE struct rf_policy **sorted = calloc(policies->count + 1, sizeof(struct rf_policy *));
	size_t count = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < policies->count; i++) {
		if (policies->policy[i].name)
			sorted[count++] = &policies->policy[i];
	}
	qsort(sorted, count, sizeof(struct rf_policy *), by_name);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (strcmp(sorted[first]->name, sorted[i]->name))
			first = i;
		else if (sorted[i] >= policies->policy + added_from)
			rf_diag_add(diags, RF_ERROR, sorted[i]->where, "policy \"%s\" is there already: %s:%u",
				    sorted[i]->name, sorted[first]->where.file, sorted[first]->where.line);
	}
	return 0;
}

static int read_documents(struct rf_policies *policies, const struct rf_yaml *yaml, const struct rf_extending *chain,
			  struct rf_diags *diags)
{
	struct rf_parse p = {.diags = diags};
	size_t first = policies->count;

	for (const struct rf_node *node = yaml->document; node && !p.no_memory; node = node->next) {
		struct rf_policy *grown = rf_parse_grow(&p, policies->policy, policies->count, sizeof(*grown));

		if (!grown)
			break;
		policies->policy = grown;
		rf_read_document(&p, node, &policies->policy[policies->count++]);
	}
	for (size_t i = first; i < policies->count && !p.no_memory; i++) {
		if (policies->policy[i].extends.text)
			rf_extend(&p, policies, i, chain);
		rf_finish_document(&p, &policies->policy[i]);
	}
	return p.no_memory ? -ENOMEM : 0;
}

static int parse_text(struct rf_policies *policies, const char *name, const char *text, size_t len,
		      const struct rf_extending *by, struct rf_diags *diags)
{
	const struct rf_extending chain = {name, by, by ? by->depth + 1 : 1};
	struct rf_yaml yaml = {0};
	size_t count = policies->count, errors = diags->errors;
	int error;

	/* A byte order mark in front says nothing about UTF-8. */
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	if (!rf_source_check(name, text, len, diags))
		return -EINVAL;
	error = rf_yaml_read(&yaml, name, text, len, diags);
	if (!error)
		error = read_documents(policies, &yaml, &chain, diags);
	rf_yaml_free(&yaml);
	if (!error)
		error = check_names(policies, count, diags);
	if (!error && policies->count == count && diags->errors == errors)
		rf_diag_add(diags, RF_ERROR, (struct rf_where){name, 1, 1}, "there is no policy in this file");
	return error ? error : diags->errors != errors ? -EINVAL : 0;
}

int rf_policies_parse(struct rf_policies *policies, const char *name, const void *text, size_t len,
		      struct rf_diags *diags)
{
	return rf_policies_parse_base(policies, name, text, len, NULL, diags);
}

int rf_policies_parse_base(struct rf_policies *policies, const char *name, const void *text, size_t len,
			   const struct rf_extending *by, struct rf_diags *diags)
{
	size_t count = policies->count, told = diags->count;
	const char *file = keep_name(policies, name);
	int error;

	if (!file)
		return -ENOMEM;
	if (len > RF_POLICY_FILE_MAX) {
		rf_diag_add(diags, RF_ERROR, (struct rf_where){file, 0, 0}, "the file is larger than %u MiB",
			    RF_POLICY_FILE_MAX >> 20);
		return -EINVAL;
	}
	error = parse_text(policies, file, text, len, by, diags);
	rf_diags_sort(diags, told);
	if (error) {
		while (policies->count > count)
			rf_policy_free(&policies->policy[--policies->count]);
	}
	return error;
}

/* Reads up to the limit and one byte more, so that what is too large shows. */
static int read_file(int fd, char **text, size_t *len)
{
	size_t room = RF_POLICY_FILE_MAX + 1;
	char *buf = malloc(room);

	if (!buf)
		return -ENOMEM;
	*len = 0;
	while (*len < room) {
		ssize_t got = read(fd, buf + *len, room - *len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int error = -errno;

			free(buf);
			return error;
		}
		if (!got)
			break;
		*len += (size_t)got;
	}
	*text = buf;
	return 0;
}

int rf_policies_load(struct rf_policies *policies, const char *path, struct rf_diags *diags)
{
	return rf_policies_load_base(policies, path, NULL, diags);
}

int rf_policies_load_base(struct rf_policies *policies, const char *path, const struct rf_extending *by,
			  struct rf_diags *diags)
{
	bool input = !strcmp(path, "-");
	RF_AUTO_FREE char *text = NULL;
	size_t len = 0;
	int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = fd < 0 ? -errno : read_file(fd, &text, &len);

	if (fd >= 0 && !input)
		close(fd);
	if (error == -ENOMEM)
		return error;
	if (error) {
		rf_diag_add(diags, RF_ERROR, (struct rf_where){path, 0, 0}, "cannot be read: %s", strerror(-error));
		return -EINVAL;
	}
	return rf_policies_parse_base(policies, input ? "<stdin>" : path, text, len, by, diags);
}
