/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* realpath(3) that stops where a path stops to exist, and tells the links that it passed. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/links.h"
#include "policy/memory.h"

#define LINKS_MAX 40 /* on the way of one path, as in the kernel */

struct walk {
	char path[PATH_MAX]; /* resolved so far, without a slash at the end */
	size_t len;
	char *link[LINKS_MAX];
	size_t links;
	bool no_memory;
	struct rf_links_seen *seen;
};

/* Whether a path is /proc/self, /proc/thread-self, /proc/PID or beneath one of them. */
static bool in_proc_task(const char *path)
{
	size_t len;

	if (strncmp(path, "/proc/", 6))
		return false;
	path += 6;
	len = strcspn(path, "/");
	return (len == 4 && !strncmp(path, "self", 4)) || (len == 11 && !strncmp(path, "thread-self", 11)) ||
	       (len && strspn(path, "0123456789") == len);
}

static void to_parent(struct walk *w)
{
	while (w->len && w->path[w->len - 1] != '/')
		w->len--;
	if (w->len)
		w->len--;
	w->path[w->len] = '\0';
}

static bool step(struct walk *w, const char *name, size_t len);

/* Goes where a link points from the directory that it is in. */
static bool follow(struct walk *w, const char *target)
{
	if (w->links == LINKS_MAX)
		return false;
	w->link[w->links] = strdup(w->path);
	if (!w->link[w->links]) {
		w->no_memory = true;
		return false;
	}
	w->links++;
	to_parent(w);
	if (target[0] == '/')
		w->path[w->len = 0] = '\0';
	while (*target) {
		size_t len = strcspn(target, "/");

		if (len == 2 && !strncmp(target, "..", 2))
			to_parent(w);
		else if (len && !(len == 1 && *target == '.') && !step(w, target, len))
			return false;
		target += len + (target[len] == '/');
	}
	return true;
}

uint32_t rf_path_hash(const char *path, size_t len)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < len; i++)
		hash = hash * 31 + (unsigned char)path[i];
	return hash ^ hash >> 8;
}

/* readlink(2), asked once for each path that is no link. Gives the length, or -errno. */
static ssize_t read_link(struct walk *w, char *target, size_t size)
{
	struct rf_links_place *place = w->seen ? &w->seen->place[rf_path_hash(w->path, w->len) % RF_LINKS_SEEN] : NULL;
	ssize_t got;

	if (place && place->path && !strcmp(place->path, w->path))
		return place->error;
	got = readlink(w->path, target, size);
	if (got >= 0)
		return got;
	got = -errno;
	if (!place)
		return got;
	free(place->path);
	place->path = strdup(w->path);
	place->error = (int)got;
	return got;
}

void rf_links_forget(struct rf_links_seen *seen)
{
	for (size_t i = 0; i < RF_LINKS_SEEN; i++)
		free(seen->place[i].path);
	*seen = (struct rf_links_seen){0};
}

/* Goes on by one component. Recursion is as deep as there are links at most. */
static bool step(struct walk *w, const char *name, size_t len)
{
	char target[PATH_MAX];
	ssize_t got;

	if (w->len + 1 + len >= sizeof(w->path))
		return false;
	w->path[w->len++] = '/';
	memcpy(w->path + w->len, name, len);
	w->len += len;
	w->path[w->len] = '\0';
	if (in_proc_task(w->path))
		return true;
	got = read_link(w, target, sizeof(target) - 1);
	if (got < 0)
		return got == -EINVAL; /* it exists and is no link */
	target[got] = '\0';
	return follow(w, target);
}

static void drop_links(struct walk *w, size_t from)
{
	while (w->links > from)
		free(w->link[--w->links]);
}

static int give(struct walk *w, size_t len, struct rf_links *out)
{
	out->path = strdup(w->path);
	out->link = calloc(w->links + 1, sizeof(*out->link));
	if (!out->path || !out->link) {
		drop_links(w, 0);
		rf_links_free(out);
		return -ENOMEM;
	}
	memcpy(out->link, w->link, w->links * sizeof(*out->link));
	out->links = w->links;
	out->len = len;
	return 0;
}

int rf_links_follow_seen(const char *path, struct rf_links_seen *seen, struct rf_links *out)
{
	struct walk w;
	char good[PATH_MAX];
	size_t at = 0;

	/* Not all of it: it is large, and there are many paths. */
	w.path[0] = good[0] = '\0';
	w.len = w.links = 0;
	w.no_memory = false;
	w.seen = seen;
	*out = (struct rf_links){0};
	while (path[at] == '/' && path[at + 1]) {
		size_t len = strcspn(path + at + 1, "/"), links = w.links;

		if (!step(&w, path + at + 1, len)) {
			drop_links(&w, links);
			w.len = strlen(good);
			break;
		}
		memcpy(good, w.path, w.len + 1);
		at += 1 + len;
	}
	if (w.no_memory) {
		drop_links(&w, 0);
		return -ENOMEM;
	}
	memcpy(w.path, good, w.len + 1);
	return give(&w, at, out);
}

int rf_links_follow(const char *path, struct rf_links *out)
{
	return rf_links_follow_seen(path, NULL, out);
}

void rf_links_free(struct rf_links *links)
{
	for (size_t i = 0; i < links->links; i++)
		free(links->link[i]);
	free(links->link);
	free(links->path);
	*links = (struct rf_links){0};
}
