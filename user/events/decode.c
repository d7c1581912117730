// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "events/decode.h"

const char *rf_hook_name(enum rf_hook hook)
{
	static const char *const name[RF_HOOK_COUNT] = {"none",
#define X(hook_name, kind, access, need, what) #hook_name,
							RF_HOOKS(X)
#undef X
	};

	return (unsigned)hook < RF_HOOK_COUNT ? name[hook] : "unknown";
}

const char *rf_reason_word(enum rf_reason reason)
{
	static const char *const word[RF_REASON_COUNT] = {
#define X(name, reason_word, text) reason_word,
		RF_REASONS(X)
#undef X
	};

	return (unsigned)reason < RF_REASON_COUNT ? word[reason] : "unknown";
}

const char *rf_reason_text(enum rf_reason reason)
{
	static const char *const text[RF_REASON_COUNT] = {
#define X(name, word, reason_text) reason_text,
		RF_REASONS(X)
#undef X
	};

	return (unsigned)reason < RF_REASON_COUNT ? text[reason] : "unknown";
}

const char *rf_guard_word(enum rf_guard guard)
{
	static const char *const word[RF_GUARD_COUNT] = {"none",
#define X(name, guard_word, what) guard_word,
							 RF_GUARDS(X)
#undef X
	};

	return (unsigned)guard < RF_GUARD_COUNT ? word[guard] : "unknown";
}

static bool head_is_sound(const struct rf_event *head)
{
	return head->hook > RF_HOOK_NONE && head->hook < RF_HOOK_COUNT && head->reason < RF_REASON_COUNT &&
	       (head->verdict == RF_DENIED || head->verdict == RF_WOULD_DENY) && head->object < RF_OBJECT_COUNT &&
	       head->guard < RF_GUARD_COUNT && !(head->access & ~(RF_FILE_ACCESSES | RF_SOCKET_ACCESSES)) &&
	       head->total && head->object_len < RF_PATH_MAX && head->second_len < RF_PATH_MAX &&
	       head->exe_len < RF_PATH_MAX;
}

static const char *take(const char **at, size_t len)
{
	const char *name = len ? *at : NULL;

	*at += len;
	return name;
}

int rf_event_decode(struct rf_denial *denial, const void *data, size_t len)
{
	struct rf_event *head = &denial->head;
	const char *at;

	memset(denial, 0, sizeof(*denial));
	if (len < sizeof(*head))
		return -EBADMSG;
	memcpy(head, data, sizeof(*head));
	if (!head_is_sound(head) || (size_t)head->object_len + head->second_len + head->exe_len > len - sizeof(*head))
		return -EBADMSG;
	at = (const char *)data + sizeof(*head);
	memcpy(denial->comm, head->comm, RF_COMM_LEN);
	denial->comm_len = strlen(denial->comm);
	denial->object_len = head->object_len;
	denial->object = take(&at, denial->object_len);
	denial->second_len = head->second_len;
	denial->second = take(&at, denial->second_len);
	denial->exe_len = head->exe_len;
	denial->exe = take(&at, denial->exe_len);
	return 0;
}
