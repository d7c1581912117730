// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Prints docs/powers.md from the tables of ioctls and capabilities. */
#include <stdio.h>
#include <string.h>

#include "ringfence/abi.h"
#include "ringfence/capabilities.h"
#include "ringfence/ioctls.h"

static const char head[] = "# Ioctls and capabilities\n"
			   "\n"
			   "What each means for a fence. Printed from the tables in `include/ringfence/ioctls.h` and "
			   "`capabilities.h`, which the\n"
			   "kernel side is compiled from, by `make docs/powers.md`; do not edit. Files and functions "
			   "named are the kernel's.\n"
			   "\n"
			   "## Ioctls\n"
			   "\n"
			   "Those of file systems and terminals in Debian's kernels (6.1, 6.12, 7.2). A descriptor was "
			   "judged when it was opened,\n"
			   "and many ioctls do more than it was opened for.\n"
			   "\n";

static const char unknown[] = "\n"
			      "**What is not in the table.** On files and folders a number whose type belongs to file "
			      "systems is refused by the guard\n"
			      "`devices`, but on procfs: a newer kernel's, of which nobody knows what it reaches. "
			      "Every other number is left to the\n"
			      "kernel, which knows none on such files and answers ENOTTY; isatty(3) and tools that ask "
			      "whether a file is a disk, a tape or\n"
			      "a console get that answer and no denial is told. On file systems whose server is a "
			      "program (FUSE, Coda) no number's meaning\n"
			      "is known, so that all that are not in the table ask for *write*, but for terminals' "
			      "(type 'T'). Devices, sockets and pipes\n"
			      "know their own: of them this table has what acts on others.\n"
			      "\n"
			      "Direction, type and number tell an ioctl; the size of its argument does not, so that "
			      "32-bit processes are asked the same\n"
			      "whether the kernel has a hook of its own for them (`file_ioctl_compat`) or not (6.1).\n"
			      "\n"
			      "Types of file systems:";

static const char *letter(unsigned type, char *text, size_t size)
{
	if (type >= 'A' && type <= 'z')
		snprintf(text, size, "'%c'", (int)type);
	else
		snprintf(text, size, "0x%02x", type);
	return text;
}

static void print_ioctls(void)
{
	static const char *const kinds[] = {"",
#define X(kind, words) #kind,
					    RF_IOCTL_KINDS(X)
#undef X
	};
	static const char *const guards[] = {"",
#define X(name, word, what) ", `" word "`",
					     RF_GUARDS(X)
#undef X
	};
	static const char *const directions[] = {"", "W", "R", "RW"};
	static const struct {
		unsigned direction, type, number;
		const char *name;
		unsigned kind, guard;
		const char *source;
	} row[] = {
#define X(direction, type, number, name, kind, guard, source) \
	{RF_IOC_##direction, type, number, name, RF_IOCTL_##kind, RF_GUARD_##guard, source},
		RF_IOCTLS(X)
#undef X
	};
	char text[8];

	printf("| ioctl | direction, type, number | is | source |\n| --- | --- | --- | --- |\n");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		printf("| %s | %s %s %u | %s%s | %s |\n", row[i].name, directions[row[i].direction],
		       letter(row[i].type, text, sizeof(text)), row[i].number, kinds[row[i].kind], guards[row[i].guard],
		       row[i].source);
}

static void print_types(void)
{
	const char *comma = "";
	char text[8];

#define X(type, whose) printf("%s %s (%s)", comma, letter(type, text, sizeof(text)), whose), comma = ",";
	RF_IOCTL_TYPES(X)
#undef X
	printf(".\n");
}

int main(void)
{
	fputs(head, stdout);
#define X(kind, words) printf("- **%s** %s.\n", #kind, words);
	RF_IOCTL_KINDS(X)
#undef X
	fputs(unknown, stdout);
	print_types();
	printf("\n");
	print_ioctls();
	printf("\n## Capabilities\n\n"
	       "*Guarded*: the guard `capabilities` refuses each use, in every user namespace. *Left*: it lifts checks "
	       "of owner and\n"
	       "mode, which are not what a fence is made of, or what it does beyond that is asked where it is done.\n\n"
	       "| capability | | why |\n| --- | --- | --- |\n");
#define X(name, what, why) \
	printf("| CAP_%s | %s | %s |\n", #name, RF_CAP_##what == RF_CAP_GUARDED ? "guarded" : "left", why);
	RF_CAPABILITIES(X)
#undef X
	return fflush(stdout) || ferror(stdout);
}
