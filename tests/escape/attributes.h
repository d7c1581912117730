/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attributes that more than one table of attempts is about. */
#ifndef RINGFENCE_TESTS_ESCAPE_ATTRIBUTES_H
#define RINGFENCE_TESTS_ESCAPE_ATTRIBUTES_H

#include <stdbool.h>
#include <stdint.h>

#define ACL "system.posix_acl_access"

/* include/uapi/linux/posix_acl_xattr.h: one user more may do all. */
struct acl {
	uint32_t version;
	struct {
		uint16_t tag, rights;
		uint32_t id;
	} entry[5];
};
extern const struct acl acl_for_all;
/* Whether the key has none. */
bool has_no_acl(void);

/* A denied file on a disk, with the attribute user.rf: on 6.1 a tmpfs knows none of these. */
#define ON_DISK "/tmp/a/fold/dir/Secret/key"
int make_attribute_on_disk(void);

#endif
