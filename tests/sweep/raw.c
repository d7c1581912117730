// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A system call by its number, by either of the machine's ways. */
#include "sweep/sweep.h"

#define X32_BIT 0x40000000l /* __X32_SYSCALL_BIT, asm/unistd.h */

static long by_syscall(long number, const long a[ARGS])
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* rbx and rbp take part, which the compiler keeps for itself; what lies below the stack's end is its own too. */
static long by_interrupt(long number, const long a[ARGS])
{
	register const long *in __asm__("r12") = a;
	long result = number;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "push %%rbx\n\tpush %%rbp\n\t"
			 "mov 0(%1), %%rbx\n\tmov 8(%1), %%rcx\n\tmov 16(%1), %%rdx\n\t"
			 "mov 24(%1), %%rsi\n\tmov 32(%1), %%rdi\n\tmov 40(%1), %%rbp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\tpop %%rbx\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(result)
			 : "r"(in)
			 : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
	return (int)result;
}

long raw_call(enum abi abi, long number, const long args[ARGS])
{
	if (abi == ABI_32)
		return by_interrupt(number, args);
	return by_syscall(abi == ABI_X32 ? number | X32_BIT : number, args);
}
