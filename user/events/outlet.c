// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <termios.h>
#include <unistd.h>

#include "events/outlet.h"

/* A command that has switched the terminal's output processing off needs the carriage return from us. */
static bool wants_return(const struct rf_outlet *outlet)
{
	struct termios modes;

	return outlet->terminal && tcgetattr(outlet->fd, &modes) == 0 && !(modes.c_oflag & OPOST);
}

static void write_line(const struct rf_outlet *outlet, const struct rf_line *line)
{
	struct rf_line raw = {0};

	if (!wants_return(outlet)) {
		rf_line_write(line, outlet->fd);
		return;
	}
	for (size_t i = 0; i < line->len; i++) {
		if (line->text[i] == '\n')
			rf_line_string(&raw, "\r");
		rf_line_bytes(&raw, &line->text[i], 1);
	}
	rf_line_write(&raw, outlet->fd);
	rf_line_free(&raw);
}

static bool must_wait(const struct rf_outlet *outlet)
{
	return outlet->late || (outlet->taken && outlet->taken(outlet->context));
}

bool rf_outlet_look(struct rf_outlet *outlet, bool end)
{
	if (!outlet->waiting.len && !outlet->dropped)
		return false;
	if (!end && must_wait(outlet))
		return !outlet->late;
	if (outlet->dropped)
		rf_line_format(&outlet->waiting, "ringfence: %zu more lines waited than are kept; --log keeps all\n",
			       outlet->dropped);
	write_line(outlet, &outlet->waiting);
	rf_line_free(&outlet->waiting);
	outlet->dropped = 0;
	return false;
}

void rf_outlet_show(struct rf_outlet *outlet, const struct rf_line *line)
{
	if (outlet->fd < 0)
		return;
	if (!must_wait(outlet)) {
		rf_outlet_look(outlet, true);
		write_line(outlet, line);
	} else if (outlet->dropped || outlet->waiting.len + line->len > RF_OUTLET_WAITING_MAX) {
		outlet->dropped++;
	} else {
		rf_line_bytes(&outlet->waiting, line->text, line->len);
	}
}

void rf_outlet_log(struct rf_outlet *outlet, const struct rf_line *line)
{
	if (outlet->log > 0)
		rf_line_write(line, outlet->log);
}

void rf_outlet_free(struct rf_outlet *outlet)
{
	rf_line_free(&outlet->waiting);
}
