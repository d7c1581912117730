// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "events/address.h"
#include "events/allowing.h"
#include "events/common.h"

/* Whether a name holds what a policy's text can't: control characters, bytes that are no UTF-8, what hides text. */
static bool is_text(const char *name, size_t len)
{
	while (len) {
		uint32_t code;
		size_t one = rf_utf8(name, len, &code);

		if (!one || code < ' ' || code == 0x7f || rf_utf8_deceives(code))
			return false;
		name += one;
		len -= one;
	}
	return true;
}

/* Bytes that mean themselves in a pattern. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("/._-", c) ||
	       (unsigned char)c >= 0x80;
}

/* A byte as part of a word in a shell's single quotes. */
static void add_byte(struct rf_line *line, char c)
{
	if (c == '\'')
		rf_line_string(line, "'\\''");
	else
		rf_line_bytes(line, &c, 1);
}

static void add_pattern(struct rf_line *line, const char *name, size_t len)
{
	size_t at = rf_task_folder(name, len);

	if (at)
		rf_line_string(line, "/proc/*");
	for (; at < len; at++) {
		/* The first '@' is an abstract name's. */
		if (!is_plain(name[at]) && (at || name[at] != '@'))
			rf_line_string(line, "\\");
		add_byte(line, name[at]);
	}
}

/* Scratch, whose files have other names at the next run, and of which a file that is made is mostly read as well: the
 * option speaks of all of it. Bytes of the folder with its slash; 0: the name is none there. */
static size_t scratch_folder(const char *name, size_t len, unsigned access)
{
	static const char *const folder[] = {"/tmp/", "/var/tmp/", "/dev/shm/"};

	for (size_t i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		size_t bytes = strlen(folder[i]);

		if (len > bytes && !memcmp(name, folder[i], bytes) && access && !(access & ~(RF_READ | RF_WRITE)))
			return bytes;
	}
	return 0;
}

/* *access: becomes what the option shall give. */
static bool add_name(struct rf_line *line, const struct rf_report *report, unsigned *access)
{
	const struct rf_denial *denial = report->denial;
	const char *name = report->ruling.second ? denial->second : denial->object;
	size_t len = report->ruling.second ? denial->second_len : denial->object_len, scratch;

	if (!name || !len || (name[0] != '/' && name[0] != '@') || !is_text(name, len))
		return false;
	scratch = denial->head.object == RF_OBJECT_FILE ? scratch_folder(name, len, *access) : 0;
	if (scratch) {
		*access = RF_READ | RF_WRITE;
		rf_line_bytes(line, name, scratch);
		rf_line_string(line, "**");
	} else {
		add_pattern(line, name, len);
	}
	return true;
}

static bool add_destination(struct rf_line *line, const struct rf_event *head)
{
	char protocol[RF_ADDRESS_TEXT], text[RF_ADDRESS_TEXT];
	const struct rf_address *address = &head->address;

	if (!rf_event_has_address(head) || !rf_address_protocol(address))
		return false;
	/* Without a port, as of ICMP. */
	rf_line_format(line, "%s:%s", rf_protocol_text(address, protocol),
		       address->port ? rf_endpoint_text(address, text) : rf_ip_text(address, text));
	return true;
}

bool rf_print_allowing(struct rf_line *line, const struct rf_report *report)
{
	const struct rf_event *head = &report->denial->head;
	struct rf_line object = {0};
	unsigned access = head->access;
	char words[64];
	bool known = false, plain = true;

	if (report->ruling.kind != RF_RULING_DEFAULT || !head->access)
		return false;
	if (head->object == RF_OBJECT_NET)
		known = add_destination(&object, head);
	else if (head->object == RF_OBJECT_FILE || head->object == RF_OBJECT_UNIX)
		known = add_name(&object, report, &access);
	for (size_t i = 0; i < object.len; i++)
		plain = plain && (is_plain(object.text[i]) || strchr(":@", object.text[i]));
	if (known) {
		rf_line_format(line, "--allow %s%s:", plain ? "" : "'", rf_access_words(access, words, sizeof(words)));
		rf_line_bytes(line, object.text, object.len);
		rf_line_string(line, plain ? "" : "'");
	}
	known = known && !object.failed;
	rf_line_free(&object);
	return known;
}
