// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Segments are in order of their numbers; the last one is written to. Within a segment numbers follow each other, so
 * where some are missing another one begins, and a record is found without an index on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/auto.h"
#include "log/log.h"
#include "log/segment.h"
#include "policy/memory.h"
#include "store/disk.h"

/* Segments that were read and stay in memory: as many readers, far apart, don't cost a file each record. */
#define LOADED 4

struct rf_log {
	int folder, fd; /* fd: the last segment's file, -1 until it is needed */
	struct rf_log_limits limits;
	rf_log_report *report;
	void *context;
	struct segment *segment; /* by number */
	size_t segments;
	uint64_t last, turn;
	bool dirty; /* written, not through to the disk */
};

static struct segment *newest(struct rf_log *log)
{
	return log->segments ? &log->segment[log->segments - 1] : NULL;
}

static void tell(const struct rf_log *log, uint64_t first, const char *what)
{
	char name[SEGMENT_NAME + 1];

	if (log->report)
		log->report(log->context, segment_name(name, first), what);
}

static uint64_t end_of(const struct segment *segment)
{
	return segment->first + segment->count;
}

/* ---------------------------------------------------------------- opening */

static int find_segment(void *context, const char *name)
{
	struct rf_log *log = context;
	struct segment *grown;
	uint64_t first = segment_of(name);
	struct stat st;

	if (!first || fstatat(log->folder, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode)) {
		if (log->report)
			log->report(log->context, name, "it is no part of the log, and is left alone");
		return 0;
	}
	grown = rf_grow(log->segment, log->segments, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	log->segment = grown;
	log->segment[log->segments++] =
		(struct segment){.first = first, .size = (uint64_t)st.st_size, .written = (uint64_t)st.st_mtim.tv_sec};
	return 0;
}

static int open_file(struct rf_log *log)
{
	char name[SEGMENT_NAME + 1];

	if (log->fd < 0)
		log->fd = openat(log->folder, segment_name(name, newest(log)->first),
				 O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	return log->fd < 0 ? -errno : 0;
}

/* The last segment is as long as its records are whole. */
static int open_last(struct rf_log *log)
{
	struct segment *last = newest(log);
	size_t torn;
	int err = last ? segment_load(last, log->folder, &torn) : 0;

	if (!last)
		return 0;
	if (err == -EBADMSG) {
		/* Not to be added to, nor to be passed over. */
		tell(log, last->first, "it is too long for a segment, and is left alone");
		last->count = 0;
		log->last = last->first;
		return 0;
	}
	if (err)
		return err;
	log->last = end_of(last) - 1;
	if (!torn)
		return 0;
	tell(log, last->first, "its end was torn by a power cut or a crash, and is cut off");
	err = open_file(log);
	return err ? err : ftruncate(log->fd, (off_t)last->size) ? -errno : 0;
}

int rf_log_open(const char *path, const struct rf_log_limits *limits, rf_log_report *report, void *context,
		struct rf_log **out)
{
	struct rf_log *log = calloc(1, sizeof(*log));
	int err;

	if (!log)
		return -ENOMEM;
	log->fd = -1;
	log->limits = *limits;
	log->report = report;
	log->context = context;
	log->folder = disk_folder(AT_FDCWD, path, true);
	err = log->folder < 0 ? log->folder : disk_is_ours(log->folder);
	/* In the order of their names, which is that of their numbers. */
	err = err ? err : disk_names(log->folder, find_segment, log);
	err = err ? err : open_last(log);
	if (err)
		rf_log_close(log);
	else
		*out = log;
	return err;
}

void rf_log_close(struct rf_log *log)
{
	if (!log)
		return;
	if (log->segments)
		rf_log_flush(log, true);
	for (size_t i = 0; i < log->segments; i++)
		segment_drop(&log->segment[i]);
	free(log->segment);
	rf_auto_close(&log->fd);
	rf_auto_close(&log->folder);
	free(log);
}

uint64_t rf_log_first(const struct rf_log *log)
{
	return log->segments ? log->segment[0].first : 0;
}

uint64_t rf_log_last(const struct rf_log *log)
{
	return log->last;
}

/* ---------------------------------------------------------------- writing */

int rf_log_flush(struct rf_log *log, bool sync)
{
	struct segment *last = newest(log);
	int err;

	if (!last || !last->data || (last->flushed == last->size && !(sync && log->dirty)))
		return 0;
	err = open_file(log);
	if (err)
		return err;
	while (last->flushed < last->size) {
		ssize_t n = write(log->fd, last->data + last->flushed, last->size - last->flushed);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		last->flushed += (size_t)n;
		last->written = (uint64_t)time(NULL);
		log->dirty = true;
	}
	if (!sync)
		return 0;
	if (fdatasync(log->fd))
		return -errno;
	log->dirty = false;
	return 0;
}

static void remove_segment(struct rf_log *log, size_t index)
{
	char name[SEGMENT_NAME + 1];

	unlinkat(log->folder, segment_name(name, log->segment[index].first), 0);
	segment_drop(&log->segment[index]);
	log->segments--;
	memmove(&log->segment[index], &log->segment[index + 1], (log->segments - index) * sizeof(*log->segment));
}

static void keep_limits(struct rf_log *log)
{
	uint64_t bytes = RF_LOG_SEGMENT, now = (uint64_t)time(NULL);

	for (size_t i = 0; i < log->segments; i++)
		bytes += log->segment[i].size;
	while (log->segments > 1) {
		const struct segment *oldest = &log->segment[0];
		bool old = log->limits.seconds && oldest->written + log->limits.seconds < now;

		if (!old && bytes <= log->limits.bytes)
			return;
		bytes -= oldest->size;
		remove_segment(log, 0);
	}
}

/* Of the last segment only what is in its file is left. */
static void give_up(struct rf_log *log)
{
	struct segment *last = newest(log);

	tell(log, last->first, "its last records could not be written, and are missing");
	while (last->size > last->flushed)
		last->size = last->at[--last->count];
	if (!last->size)
		remove_segment(log, log->segments - 1);
	else if (log->fd < 0 || ftruncate(log->fd, (off_t)last->size))
		segment_drop(last); /* its end is found when it is read */
	else
		last->flushed = last->size;
}

/* Ends the last segment and begins another. */
static int begin_segment(struct rf_log *log, uint64_t first)
{
	struct segment *last = newest(log), *grown;

	if (last && rf_log_flush(log, true) && last->flushed < last->size)
		give_up(log);
	rf_auto_close(&log->fd);
	log->fd = -1;
	keep_limits(log);
	grown = rf_grow(log->segment, log->segments, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	log->segment = grown;
	log->segment[log->segments++] = (struct segment){.first = first, .written = (uint64_t)time(NULL)};
	return 0;
}

int rf_log_add(struct rf_log *log, uint64_t id, const char *text, size_t length)
{
	struct segment *last = newest(log);
	int err = 0;

	if (id <= log->last || memchr(text, '\n', length))
		return -EINVAL;
	if (length > RF_LOG_RECORD_MAX)
		return -EFBIG;
	if (!last || !last->data || last->size >= RF_LOG_SEGMENT || end_of(last) != id)
		err = begin_segment(log, id);
	err = err ? err : segment_add(newest(log), text, length);
	if (!err)
		log->last = id;
	return err;
}

/* ---------------------------------------------------------------- reading */

/* All but those that were read last leave the memory. */
static void unload(struct rf_log *log)
{
	size_t loaded = 0, oldest = 0;

	for (size_t i = 0; i + 1 < log->segments; i++) {
		if (!log->segment[i].data)
			continue;
		if (!loaded++ || log->segment[i].used < log->segment[oldest].used)
			oldest = i;
	}
	if (loaded > LOADED)
		segment_drop(&log->segment[oldest]);
}

static int load(struct rf_log *log, struct segment *segment)
{
	size_t torn = 0;
	bool loaded = segment->data;
	int err = segment_load(segment, log->folder, &torn);

	segment->used = ++log->turn;
	if (torn && !loaded)
		tell(log, segment->first, "a record of it is damaged; what stands behind that is missing");
	unload(log);
	return err;
}

int rf_log_next(struct rf_log *log, uint64_t after, uint64_t *id, const char **text, size_t *length)
{
	size_t i = log->segments;

	/* The last one that begins no later than what is looked for. */
	while (i > 0 && log->segment[i - 1].first > after + 1)
		i--;
	if (i > 0) {
		struct segment *segment = &log->segment[i - 1];

		/* One that can't be read is missing. */
		if (!load(log, segment) && after + 1 < end_of(segment)) {
			*id = after + 1;
			*text = segment_text(segment, (size_t)(*id - segment->first), length);
			return 1;
		}
	}
	if (i == log->segments)
		return 0;
	*id = log->segment[i].first - 1;
	return -ESTALE;
}
