// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a policy compiles to, kept in /run/ringfence/cache for the next run with the same rules: compiling is half of
 * what a start costs. The whole key (all that rf_compile looks at, and which program compiled it) is kept beside the
 * images and compared, so the hash in a file's name need not be a strong one. The folder is root's alone, as the pins
 * are: whoever could write to it could write to the engine's maps.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/internal.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define ENTRIES_MAX  64
#define ENTRY_MAX    (512u << 10) /* bytes: more is compiled each time */
#define MAGIC	     0x52464331u

struct head {
	uint32_t magic, key, slots[RF_IMAGE_KINDS], dests;
};

struct key {
	char *text;
	size_t len;
	char name[17];
};

/* ------------------------------------------------------------------------ key */

static void put_rule(FILE *out, const struct rf_rule *rule)
{
	fprintf(out, "%d %d %d %d %d %d %d %zu %zu %zu ", rule->section, rule->allow, rule->access, rule->hide,
		rule->moves, rule->protocols, rule->to_all, rule->patterns, rule->tos, rule->ports);
	for (size_t i = 0; i < rule->patterns; i++) {
		fputs(rule->pattern[i].glob, out);
		fputc(0, out);
	}
	for (size_t i = 0; i < rule->tos; i++) {
		fputc(rule->to[i].prefix, out);
		fwrite(rule->to[i].addr, sizeof(rule->to[i].addr), 1, out);
	}
	for (size_t i = 0; i < rule->ports; i++) {
		fwrite(&rule->port[i].lo, sizeof(rule->port[i].lo), 1, out);
		fwrite(&rule->port[i].hi, sizeof(rule->port[i].hi), 1, out);
	}
	fputc(0, out);
}

static int make_key(const struct rf_policy *policy, struct key *key)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	FILE *out = open_memstream(&key->text, &key->len);
	struct stat program;

	if (!out)
		return -ENOMEM;
	/* Another build may compile the same rules to something else. */
	if (stat("/proc/self/exe", &program) == 0)
		fprintf(out, "%d %s %llu %llu %lld %ld.%09ld ", RF_ABI, RF_VERSION, (unsigned long long)program.st_dev,
			(unsigned long long)program.st_ino, (long long)program.st_size, program.st_mtim.tv_sec,
			program.st_mtim.tv_nsec);
	fprintf(out, "%d ", policy->left);
	for (int section = 0; section < RF_SECTIONS; section++)
		for (size_t i = 0; i < policy->rules[section]; i++)
			put_rule(out, &policy->rule[section][i]);
	if (fclose(out))
		return -ENOMEM;
	for (size_t i = 0; i < key->len; i++)
		hash = (hash ^ (unsigned char)key->text[i]) * 0x100000001b3u;
	snprintf(key->name, sizeof(key->name), "%016llx", (unsigned long long)hash);
	return 0;
}

static void free_key(struct key *key)
{
	free(key->text);
}

/* ---------------------------------------------------------------------- reading */

static int cache_folder(void)
{
	struct rf_error ignored;
	RF_AUTO_CLOSE int state = rf_state_folder(&ignored);
	int fd;

	if (state < 0)
		return state;
	fd = openat(state, "cache", FOLDER_FLAGS);
	if (fd < 0 && mkdirat(state, "cache", 0700) == 0)
		fd = openat(state, "cache", FOLDER_FLAGS);
	return fd < 0 ? -errno : fd;
}

/* Copies `bytes` from the entry; NULL where it has no more, or no memory. */
static void *cut(const char **at, size_t *left, size_t bytes)
{
	void *copy = bytes && bytes <= *left ? malloc(bytes) : NULL;

	if (copy)
		memcpy(copy, *at, bytes);
	*at += copy ? bytes : 0;
	*left -= copy ? bytes : 0;
	return copy;
}

static bool read_entry(int folder, const struct key *key, struct rf_compiled *out)
{
	size_t left = 0;
	RF_AUTO_FREE char *entry = rf_read_at(folder, key->name, ENTRY_MAX, &left);
	const char *at = entry;
	struct head head;

	if (!entry || left < sizeof(head) + key->len)
		return false;
	memcpy(&head, at, sizeof(head));
	at += sizeof(head);
	left -= sizeof(head);
	if (head.magic != MAGIC || head.key != key->len || memcmp(at, key->text, key->len) != 0)
		return false;
	at += key->len;
	left -= key->len;
	*out = (struct rf_compiled){.dests = head.dests};
	for (int kind = 0; kind < RF_IMAGE_KINDS; kind++) {
		out->image[kind].slots = head.slots[kind];
		out->image[kind].tab = cut(&at, &left, (size_t)head.slots[kind] * sizeof(uint32_t));
	}
	out->dest = cut(&at, &left, (size_t)head.dests * sizeof(*out->dest));
	if (out->image[RF_IMAGE_FILES].tab && out->image[RF_IMAGE_UNIX].tab && out->dest && !left)
		return true;
	rf_compiled_free(out);
	return false;
}

/* ---------------------------------------------------------------------- writing */

/* Makes room by starting again: whatever is still in use comes back with its next run. */
static void limit_entries(int folder)
{
	int again = openat(folder, ".", FOLDER_FLAGS);
	RF_AUTO_CLOSEDIR DIR *dir = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;
	size_t count = 0;

	while (dir && readdir(dir))
		count++;
	if (count < ENTRIES_MAX + 2)
		return;
	rewinddir(dir);
	while ((entry = readdir(dir)))
		unlinkat(folder, entry->d_name, 0);
}

static void write_entry(int folder, const struct key *key, const struct rf_compiled *compiled)
{
	RF_AUTO_FREE char *entry = NULL;
	struct head head = {.magic = MAGIC, .key = (uint32_t)key->len, .dests = (uint32_t)compiled->dests};
	char name[32];
	size_t len = 0;
	FILE *out = open_memstream(&entry, &len);
	int fd;

	if (!out)
		return;
	for (int kind = 0; kind < RF_IMAGE_KINDS; kind++)
		head.slots[kind] = compiled->image[kind].slots;
	fwrite(&head, sizeof(head), 1, out);
	fwrite(key->text, 1, key->len, out);
	for (int kind = 0; kind < RF_IMAGE_KINDS; kind++)
		fwrite(compiled->image[kind].tab, sizeof(uint32_t), compiled->image[kind].slots, out);
	fwrite(compiled->dest, sizeof(*compiled->dest), compiled->dests, out);
	if (fclose(out) || len > ENTRY_MAX)
		return;
	limit_entries(folder);
	/* Whole or not at all, for those who read it meanwhile. */
	snprintf(name, sizeof(name), "new-%d", (int)getpid());
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, entry, len) != (ssize_t)len || renameat(folder, name, folder, key->name))
		unlinkat(folder, name, 0);
	close(fd);
}

int rf_compile_cached(const struct rf_policy *policy, struct rf_compiled *out, struct rf_diags *diags)
{
	__attribute__((cleanup(free_key))) struct key key = {.text = NULL};
	RF_AUTO_CLOSE int folder = make_key(policy, &key) ? -1 : cache_folder();
	int err;

	if (folder >= 0 && read_entry(folder, &key, out))
		return 0;
	err = rf_compile(policy, 0, out, diags);
	if (!err && folder >= 0)
		write_entry(folder, &key, out);
	return err;
}

void rf_cache_remove(int state)
{
	int fd = openat(state, "cache", FOLDER_FLAGS);
	RF_AUTO_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(fd, entry->d_name, 0);
	unlinkat(state, "cache", AT_REMOVEDIR);
}
