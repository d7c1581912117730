// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables of ioctls and capabilities against the headers of the system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/auto_fs.h>
#include <linux/btrfs.h>
#include <linux/capability.h>
#include <linux/f2fs.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/kd.h>
#include <linux/msdos_fs.h>
#include <linux/nilfs2_api.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "ringfence/abi.h"
#include "ringfence/capabilities.h"
#include "ringfence/ioctls.h"

static const struct row {
	unsigned key;
	const char *name;
	unsigned kind, guard;
} table[] = {
#define X(direction, type, number, name, kind, guard, source) \
	{RF_IOC_KEY(direction, type, number), name, RF_IOCTL_##kind, RF_GUARD_##guard},
	RF_IOCTLS(X)
#undef X
};
#define ROWS (sizeof(table) / sizeof(table[0]))

static void each_ioctl_has_one_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < i; k++)
			if (table[i].key == table[k].key)
				fail_msg("%s and %s", table[i].name, table[k].name);
}

static void a_guard_stands_where_a_guard_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		bool guarded = table[i].kind == RF_IOCTL_GUARD || table[i].kind == RF_IOCTL_TERMINAL;

		if (guarded != (table[i].guard != RF_GUARD_NONE))
			fail_msg("%s", table[i].name);
	}
}

static void numbers_are_those_of_the_headers(void **state)
{
	static const struct {
		const char *name;
		unsigned long command;
	} known[] = {
#define K(name) {#name, name}
		K(FIBMAP),
		K(FIGETBSZ),
		K(FS_IOC_GETFLAGS),
		K(FS_IOC_SETFLAGS),
		K(FS_IOC_FIEMAP),
		K(FS_IOC_FSGETXATTR),
		K(FS_IOC_FSSETXATTR),
		K(FIFREEZE),
		K(FITHAW),
		K(FITRIM),
		K(FICLONE),
		K(FICLONERANGE),
		K(FIDEDUPERANGE),
		K(FS_IOC_GETFSLABEL),
		K(FS_IOC_SETFSLABEL),
		K(FS_IOC_GETVERSION),
		K(FS_IOC_SETVERSION),
		K(FS_IOC_SET_ENCRYPTION_POLICY),
		K(FS_IOC_GET_ENCRYPTION_PWSALT),
		K(FS_IOC_GET_ENCRYPTION_POLICY),
		K(FS_IOC_GET_ENCRYPTION_POLICY_EX),
		K(FS_IOC_ADD_ENCRYPTION_KEY),
		K(FS_IOC_REMOVE_ENCRYPTION_KEY),
		K(FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS),
		K(FS_IOC_GET_ENCRYPTION_KEY_STATUS),
		K(FS_IOC_GET_ENCRYPTION_NONCE),
		K(FS_IOC_ENABLE_VERITY),
		K(FS_IOC_MEASURE_VERITY),
		K(FS_IOC_READ_VERITY_METADATA),
		K(BTRFS_IOC_SNAP_CREATE),
		K(BTRFS_IOC_DEFRAG),
		K(BTRFS_IOC_RESIZE),
		K(BTRFS_IOC_SUBVOL_CREATE),
		K(BTRFS_IOC_SNAP_DESTROY),
		K(BTRFS_IOC_DEFRAG_RANGE),
		K(BTRFS_IOC_TREE_SEARCH),
		K(BTRFS_IOC_INO_LOOKUP),
		K(BTRFS_IOC_DEFAULT_SUBVOL),
		K(BTRFS_IOC_SPACE_INFO),
		K(BTRFS_IOC_START_SYNC),
		K(BTRFS_IOC_WAIT_SYNC),
		K(BTRFS_IOC_SNAP_CREATE_V2),
		K(BTRFS_IOC_SUBVOL_CREATE_V2),
		K(BTRFS_IOC_SUBVOL_GETFLAGS),
		K(BTRFS_IOC_SUBVOL_SETFLAGS),
		K(BTRFS_IOC_SET_RECEIVED_SUBVOL),
		K(BTRFS_IOC_SEND),
		K(BTRFS_IOC_GET_FEATURES),
		K(BTRFS_IOC_SET_FEATURES),
		K(BTRFS_IOC_RM_DEV_V2),
		K(BTRFS_IOC_INO_LOOKUP_USER),
		K(BTRFS_IOC_SNAP_DESTROY_V2),
		K(BTRFS_IOC_ENCODED_READ),
		K(BTRFS_IOC_ENCODED_WRITE),
		K(F2FS_IOC_GARBAGE_COLLECT),
		K(F2FS_IOC_GET_FEATURES),
		K(F2FS_IOC_SET_PIN_FILE),
		K(F2FS_IOC_RESIZE_FS),
		K(F2FS_IOC_COMPRESS_FILE),
		K(VFAT_IOCTL_READDIR_BOTH),
		K(FAT_IOCTL_GET_ATTRIBUTES),
		K(FAT_IOCTL_SET_ATTRIBUTES),
		K(FAT_IOCTL_GET_VOLUME_ID),
		K(NILFS_IOCTL_RESIZE),
		K(NILFS_IOCTL_CLEAN_SEGMENTS),
		K(NILFS_IOCTL_SYNC),
		K(AUTOFS_IOC_EXPIRE),
		K(AUTOFS_IOC_EXPIRE_MULTI),
		K(AUTOFS_IOC_ASKUMOUNT),
		K(TIOCEXCL),
		K(TIOCSTI),
		K(TIOCSWINSZ),
		K(TIOCLINUX),
		K(TIOCCONS),
		K(TIOCSETD),
		K(TIOCVHANGUP),
		K(TIOCSIG),
		K(KDSKBENT),
		K(KDSKBSENT),
		K(KDSKBDIACR),
		K(KDSETKEYCODE),
		K(KDSKBDIACRUC),
		K(KDSIGACCEPT),
		K(FIOSETOWN),
		K(SIOCSPGRP),
#undef K
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct row *row = NULL;

		for (size_t k = 0; k < ROWS; k++)
			if (!strcmp(table[k].name, known[i].name))
				row = &table[k];
		if (!row || row->key != (known[i].command & RF_IOC_KEY_MASK))
			fail_msg("%s", known[i].name);
	}
}

static void capabilities_are_all_there(void **state)
{
	(void)state;
	assert_int_equal(RF_CAP_COUNT, CAP_LAST_CAP + 1);
#define X(name, what, why) assert_int_equal(RF_CAP_##name, CAP_##name);
	RF_CAPABILITIES(X)
#undef X
	assert_true(RF_CAPS_GUARDED & 1ull << CAP_SYS_ADMIN);
	assert_false(RF_CAPS_GUARDED & 1ull << CAP_CHOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ioctl_has_one_row),
		cmocka_unit_test(a_guard_stands_where_a_guard_refuses),
		cmocka_unit_test(numbers_are_those_of_the_headers),
		cmocka_unit_test(capabilities_are_all_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
