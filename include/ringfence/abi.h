/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel side and user space share: the one description of maps, images and events.
 * Plain fixed-width structs; every size is asserted, so that both compilers must agree.
 */
#ifndef RINGFENCE_ABI_H
#define RINGFENCE_ABI_H

#ifdef __bpf__
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
#else
#include <linux/types.h>
#endif

/* Changes whenever anything in this file changes its meaning; a pinned engine of another number is not used. */
#define RF_ABI 9

/* ------------------------------------------------------------------ limits */

#define RF_PATH_MAX	 4096			/* bytes of a path, its NUL included */
#define RF_DEPTH_MAX	 2048			/* components of a path; 4,095 bytes hold no more */
#define RF_CHAIN_MAX	 16			/* policies that must all allow: a sandbox's own and its ancestors' */
#define RF_SANDBOXES_MAX 16384			/* sandboxes at once */
#define RF_CHAINS_MAX	 (2 * RF_SANDBOXES_MAX) /* so that a new one is written beside the old */
#define RF_POLICIES_MAX	 32768			/* policy slots at once */
#define RF_SELECT_SLOT	 (RF_POLICIES_MAX - 2)	/* of them: this one and the next hold what selects cgroups */
#define RF_SPARES_MAX	 1024			/* sandboxes made ready for cgroups that will be selected */
#define RF_ENDED_MAX	 1024			/* that ended, and the service was not told yet */
#define RF_TAGS_MAX	 131072			/* tagged cgroups at once */
#define RF_HINTS_MAX	 65536
#define RF_SEALS_MAX	 65536	/* sealed objects at once */
#define RF_MERGE_MAX	 16384	/* distinct denials that can be merged at once */
#define RF_IPCS_MAX	 65536	/* System V objects that sandboxes have made */
#define RF_PORTS_MAX	 64	/* disjoint port ranges of one address range */
#define RF_DESTS_MAX	 131072 /* address ranges of one generation */
/* Of what is free in the service's ring, the part that one sandbox may hold unread: who floods leaves room for the
 * others. */
#define RF_RING_SHARE 4

#define RF_RING_BYTES (1u << 20) /* of each sandbox's ring buffer */
#define RF_COMM_LEN   16

/* ---------------------------------------------------------------- accesses */

/* The one list of accesses: X(NAME, bit, "word"). Files know the first three, network and unix the others. */
#define RF_ACCESSES(X)           \
	X(READ, 0, "read")       \
	X(WRITE, 1, "write")     \
	X(EXEC, 2, "exec")       \
	X(CONNECT, 3, "connect") \
	X(BIND, 4, "bind")

enum rf_access {
#define X(name, bit, word) RF_##name = 1 << (bit),
	RF_ACCESSES(X)
#undef X
};
#define RF_ACCESS_COUNT	   5
#define RF_FILE_ACCESSES   (RF_READ | RF_WRITE | RF_EXEC)
#define RF_SOCKET_ACCESSES (RF_CONNECT | RF_BIND)
/* No access: what hides takes away besides, that stat(2), access(2) and chdir(2) find the object. Told as RF_READ. */
#define RF_SHOWN 0x80
/* No access either: that nothing which must stay where it is is denied for writing. Allowed where writing is, and where
 * a rule denies it that says `moves: true`. In images that have such a rule alone. */
#define RF_MOVES 0x20

/* ------------------------------------------------------------------ hooks */

/*
 * The one table of hooks: X(name, object kind, access asked, needed, "what it is for").
 * The section of the kernel side is "lsm/<name>"; `needed` hooks make load refuse where they are missing.
 * on_demand hooks are attached only while a policy in force has something for them to decide.
 */
#define RF_HOOKS(X)                                                                                                    \
	X(file_open, FILE, "read, write or exec", NEEDED, "open of a file or directory")                               \
	X(bprm_check_security, FILE, "exec", NEEDED, "run a program or its interpreter")                               \
	X(mmap_file, FILE, "exec", NEEDED, "map a file executable")                                                    \
	X(file_mprotect, FILE, "exec", NEEDED, "make a mapping executable")                                            \
	X(file_ioctl, FILE, "write", NEEDED, "what changes by any descriptor, or reaches beneath or outside")          \
	X(file_truncate, FILE, "write", OPTIONAL, "ftruncate (before 6.2: path_truncate)")                             \
	X(path_truncate, FILE, "write", NEEDED, "truncate by path")                                                    \
	X(path_chmod, FILE, "write", NEEDED, "chmod")                                                                  \
	X(path_chown, FILE, "write", NEEDED, "chown")                                                                  \
	X(path_mknod, FILE, "write", NEEDED, "create a file, node or socket file")                                     \
	X(path_mkdir, FILE, "write", NEEDED, "create a directory")                                                     \
	X(path_symlink, FILE, "write", NEEDED, "create a symbolic link")                                               \
	X(path_unlink, FILE, "write", NEEDED, "delete a file")                                                         \
	X(path_rmdir, FILE, "write", NEEDED, "delete a directory")                                                     \
	X(path_link, FILE, "write", NEEDED, "give a file another name")                                                \
	X(path_rename, FILE, "write", NEEDED, "rename or exchange")                                                    \
	X(inode_setattr, FILE, "write", NEEDED, "times, mode, owner or size by any way")                               \
	X(inode_setxattr, FILE, "write", NEEDED, "set an extended attribute")                                          \
	X(inode_removexattr, FILE, "write", NEEDED, "remove an extended attribute")                                    \
	X(inode_set_acl, FILE, "write", OPTIONAL, "set an ACL (before 6.2: inode_setxattr)")                           \
	X(inode_remove_acl, FILE, "write", OPTIONAL, "remove an ACL (before 6.2: inode_removexattr)")                  \
	X(inode_permission, FILE, "any", ON_DEMAND, "seals, by whatever name; access and chdir of what is hidden")     \
	X(inode_getattr, FILE, "read", ON_DEMAND, "stat of what is hidden")                                            \
	X(d_instantiate, NONE, "none", NEEDED, "what was kept of a folder by this dentry's address goes")              \
	X(socket_create, NET, "connect", NEEDED, "a socket of a family that no rule can judge")                        \
	X(socket_bind, NET, "bind", NEEDED, "bind a local address or port")                                            \
	X(socket_listen, NET, "bind", NEEDED, "listen on the real local address and port")                             \
	X(socket_connect, NET, "connect", NEEDED, "connect to an address")                                             \
	X(socket_sendmsg, NET, "connect", NEEDED, "send to an address")                                                \
	X(unix_stream_connect, UNIX, "connect", NEEDED, "connect to a stream socket's name")                           \
	X(unix_may_send, UNIX, "connect", NEEDED, "connect or send to a datagram socket's name")                       \
	X(file_ioctl_compat, FILE, "write", OPTIONAL, "file_ioctl of a 32-bit process (where that has its own hook)")  \
	X(inode_file_setattr, FILE, "write", OPTIONAL, "file_setattr(2): flags and project by a name")                 \
	X(inode_readlink, FILE, "read", NEEDED, "read a symbolic link")                                                \
	X(inode_getxattr, FILE, "read", NEEDED, "read an extended attribute that is data (user, trusted)")             \
	X(path_notify, FILE, "read", NEEDED, "watch a name")                                                           \
	X(socket_setsockopt, NET, "none", NEEDED, "guard sockets: source routes, past the address that was asked for") \
	X(sctp_bind_connect, NET, "none", OPTIONAL, "guard sockets: SCTP's lists of addresses")                        \
	X(tun_dev_open, NONE, "none", OPTIONAL, "guard sockets: a tun device that is the user's")                      \
	X(syslog, NONE, "none", NEEDED, "guard kernel: the kernel's log by syslog(2)")                                 \
	X(file_receive, FILE, "read or write", NEEDED, "guard fds: a descriptor that comes through a socket")          \
	X(capable, NONE, "none", NEEDED, "guard capabilities: powers over the whole host")                             \
	X(task_prctl, NONE, "none", NEEDED, "guard capabilities: another program's name for the one that runs")        \
	X(userns_create, NONE, "none", NEEDED, "guard namespaces: a user namespace, and all powers within it")         \
	X(sb_mount, FILE, "none", NEEDED, "guard mounts: mount, remount, bind, move")                                  \
	X(sb_umount, FILE, "none", NEEDED, "guard mounts: umount")                                                     \
	X(sb_pivotroot, FILE, "none", NEEDED, "guard mounts: pivot_root")                                              \
	X(move_mount, FILE, "none", NEEDED, "guard mounts: attach a mount made by fsmount or open_tree")               \
	X(ptrace_access_check, TASK, "none", NEEDED, "guard ptrace: look into a task outside, by whatever call")       \
	X(ptrace_traceme, TASK, "none", NEEDED, "guard ptrace: be traced by a task outside")                           \
	X(task_kill, TASK, "none", NEEDED, "guard signals: a signal to a task outside")                                \
	X(task_setnice, TASK, "none", NEEDED, "guard signals: the priority of a task outside")                         \
	X(task_setscheduler, TASK, "none", NEEDED, "guard signals: policy or processors of a task outside")            \
	X(task_setioprio, TASK, "none", NEEDED, "guard signals: the input and output priority of a task outside")      \
	X(task_movememory, TASK, "none", NEEDED, "guard signals: where the memory of a task outside lies")             \
	X(task_setrlimit, TASK, "none", NEEDED, "guard signals: limits of a task outside")                             \
	X(file_fcntl, TASK, "none", NEEDED, "guard signals: F_SETOWN, so that the kernel signals a task outside")      \
	X(task_alloc, NONE, "none", NEEDED, "guard cgroups: a child born in another cgroup")                           \
	X(bpf, NONE, "none", NEEDED, "guard bpf: bpf(2)")                                                              \
	X(perf_event_open, NONE, "none", NEEDED, "guard perf: perf_event_open(2)")                                     \
	X(kernel_read_file, FILE, "none", NEEDED, "guard modules: a module or a kernel from a file")                   \
	X(kernel_load_data, NONE, "none", NEEDED, "guard modules: a module or a kernel from memory")                   \
	X(uring_override_creds, NONE, "none", OPTIONAL, "guard io_uring: requests under other credentials")            \
	X(uring_cmd, NONE, "none", OPTIONAL, "guard io_uring: a command that goes to a driver without a hook")         \
	X(key_alloc, NONE, "none", OPTIONAL, "guard keys: a new key")                                                  \
	X(key_permission, NONE, "none", OPTIONAL, "guard keys: any use of a key")                                      \
	X(ipc_permission, NONE, "none", NEEDED, "guard ipc: System V objects that were made outside")                  \
	X(shm_shmctl, NONE, "none", NEEDED, "guard ipc: the same by shmctl")                                           \
	X(msg_queue_msgctl, NONE, "none", NEEDED, "guard ipc: the same by msgctl")                                     \
	X(sem_semctl, NONE, "none", NEEDED, "guard ipc: the same by semctl")                                           \
	X(shm_alloc_security, NONE, "none", NEEDED, "guard ipc: notes that an object is the sandbox's")                \
	X(msg_queue_alloc_security, NONE, "none", NEEDED, "guard ipc: the same")                                       \
	X(sem_alloc_security, NONE, "none", NEEDED, "guard ipc: the same")                                             \
	X(shm_free_security, NONE, "none", NEEDED, "guard ipc: forgets it")                                            \
	X(msg_queue_free_security, NONE, "none", NEEDED, "guard ipc: the same")                                        \
	X(sem_free_security, NONE, "none", NEEDED, "guard ipc: the same")                                              \
	X(inode_create, FILE, "none", NEEDED, "guard ipc: a POSIX message queue")                                      \
	X(inode_unlink, FILE, "none", NEEDED, "guard ipc: the end of a POSIX message queue")

enum rf_hook {
	RF_HOOK_NONE,
#define X(name, kind, access, need, what) RF_HOOK_##name,
	RF_HOOKS(X)
#undef X
		RF_HOOK_COUNT
};

/* ---------------------------------------------------------------- reasons */

/* Why a verdict is what it is: X(NAME, "word", "sentence"). `rule`: the policy's rules decided (a default deny too);
 * every other one is a place where the kernel side could not or need not ask them. */
#define RF_REASONS(X)                                                                 \
	X(RULE, "rule", "the policy's rules decided")                                 \
	X(DEPTH, "too-deep", "the path has too many components")                      \
	X(LENGTH, "too-long", "the path is longer than 4,095 bytes")                  \
	X(BUSY, "busy", "renames or mounts kept changing while the path was read")    \
	X(SCRATCH, "scratch", "no scratch memory was free")                           \
	X(NO_PATH, "no-path", "the object has no path in the task's mount namespace") \
	X(NO_IMAGE, "no-image", "the sandbox has no policy image for this question")  \
	X(CHAIN, "chain", "the sandbox's policies could not be read")                 \
	X(FAULT, "fault", "kernel memory could not be read")                          \
	X(ALIASES, "aliases", "the directory knows other names of this entry")        \
	X(NAMES, "names", "the object has too many names to ask for each")            \
	X(GAIN, "gain", "the new name would have other rights than the old one")      \
	X(FAMILY, "family", "sockets of this family or type cannot be judged")        \
	X(ADDRESS, "address", "the address may mean one that is denied")              \
	X(SEAL, "seal", "the object is sealed by the policy, whatever its name")      \
	X(GUARD, "guard", "a guard of the sandbox closes this")                       \
	X(BENEATH, "beneath", "write is denied to a name beneath the folder")         \
	X(STANDIN, "stand-in", "a link here would stand for a folder with protected names")

enum rf_reason {
#define X(name, word, text) RF_REASON_##name,
	RF_REASONS(X)
#undef X
		RF_REASON_COUNT
};
#define RF_REASONS_MAX 32 /* a power of 2 */

/* ----------------------------------------------------------------- guards */

/* What no rule is asked for: X(NAME, "word", "what it closes"). On, unless a policy switches one off by its word. */
#define RF_GUARDS(X)                                                                                       \
	X(MOUNTS, "mounts", "a change of what is mounted")                                                 \
	X(NAMESPACES, "namespaces", "a user namespace")                                                    \
	X(CAPABILITIES, "capabilities", "a power over the whole host")                                     \
	X(PTRACE, "ptrace", "a look into a task outside the sandbox, or a hand in it")                     \
	X(SIGNALS, "signals", "a signal to a task outside the sandbox, or a change of how it runs")        \
	X(BPF, "bpf", "bpf(2)")                                                                            \
	X(PERF, "perf", "perf_event_open(2)")                                                              \
	X(MODULES, "modules", "kernel modules and kexec")                                                  \
	X(SOCKETS, "sockets", "sockets of families and types that rules can't judge")                      \
	X(IO_URING, "io_uring", "io_uring requests that no rule can judge")                                \
	X(CGROUPS, "cgroups", "cgroups outside the sandbox, and the way out of it")                        \
	X(FDS, "fds", "descriptors received for objects that the policy denies")                           \
	X(TERMINAL, "terminal", "input pushed into a terminal")                                            \
	X(KERNEL, "kernel", "settings and memory of the kernel: /proc/sys, sysfs, debugfs and their like") \
	X(DEVICES, "devices", "raw disks and memory")                                                      \
	X(IPC, "ipc", "System V objects made outside the sandbox, POSIX message queues")                   \
	X(KEYS, "keys", "the kernel's keyrings")                                                           \
	X(ENGINE, "engine", "the engine's own objects")

enum rf_guard {
	RF_GUARD_NONE,
#define X(name, word, what) RF_GUARD_##name,
	RF_GUARDS(X)
#undef X
		RF_GUARD_COUNT
};
#define RF_GUARD_BIT(guard) (1u << (guard))
#define RF_GUARDS_ALL	    (RF_GUARD_BIT(RF_GUARD_COUNT) - RF_GUARD_BIT(1))

/* Where the engine's pins lie, its state, and what the service remembers; what the guard `engine` denies. */
#define RF_BPFFS     "/sys/fs/bpf"
#define RF_PINS_ROOT RF_BPFFS "/ringfence"
#define RF_STATE     "/run/ringfence"
#define RF_STORE     "/var/lib/ringfence"

/* ------------------------------------------------------------------ images */

/*
 * A generation of a policy's files (or unix) rules: one minimised byte DFA in one array of 32-bit slots, run by the
 * kernel and by user space alike. The head overlays the first slots. A state is the index of its header slot:
 *   tab[s]     = default successor << RF_DFA_SHIFT | RF_DFA_HEADER | index of its verdict word in head.verdict;
 *                also RF_DFA_FINAL where the state is its own only successor: no further byte changes anything
 *   tab[s + b] = successor << RF_DFA_SHIFT | b, where byte b (1 to 255) has a successor of its own
 *   tab[s + RF_DFA_FOLDER] = class << RF_DFA_SHIFT | RF_DFA_CLASS, where s stands behind a folder's path and a '/' and
 *                that folder is in the relation
 * Slots of other states lie between; a slot is s's own exactly when its tag (the bits below RF_DFA_SHIFT) is b, or
 * RF_DFA_CLASS, because no two states share an index. A path is fed from its first '/' to its last byte, without the
 * NUL.
 *
 * The relation: tab[head.relation] is the number of classes, n. In the words behind it, bit old * n + new (bit i is
 * bit i % 32 of word i / 32) says that the rights of everything beneath a folder of class `new` are contained in those
 * of everything beneath one of class `old`. Folders of one state are equal without it; where one has no class,
 * nothing is said.
 */
#define RF_DFA_SHIFT	    12
#define RF_DFA_TAG_MASK	    0xfffu
#define RF_DFA_VERDICT_MASK 0xffu
#define RF_DFA_HEADER	    0x100u
#define RF_DFA_FINAL	    0x200u
#define RF_DFA_CLASS	    0x400u
#define RF_DFA_FOLDER	    256u
#define RF_VERDICTS_MAX	    256

#define RF_SMALL_SLOTS	(1u << 14) /* 64 KiB */
#define RF_MEDIUM_SLOTS (1u << 17) /* 512 KiB */
#define RF_LARGE_SLOTS	(1u << 20) /* 4 MiB: an array element can't be larger before 6.2 (array_map_alloc_check) */

/* A verdict word: for each access bit a: a allowed; a << HIDE: refused with ENOENT; a << SETTLED: allowed here and for
 * everything beneath (image.c says what that means right behind a '/'). RF_SHOWN is allowed, and settled, where
 * reading is not hidden. RF_VERDICT_GUARDED: writing is denied to a name beneath this one which is not denied beneath a
 * name that no rule speaks of (standin.c), so that no link may stand here for a folder. */
#define RF_VERDICT_ALLOWED	 0xffu
#define RF_VERDICT_HIDE_SHIFT	 8
#define RF_VERDICT_SETTLED_SHIFT 16
#define RF_VERDICT_GUARDED	 (1u << 24)
#define RF_VERDICT_ALLOW(v, a)	 (((v) & (a)) == (a))

enum rf_mode { RF_MODE_ENFORCE, RF_MODE_AUDIT };

struct rf_image_head {
	__u64 generation; /* never given twice on a boot */
	__u32 mode;	  /* enum rf_mode */
	__u32 start;	  /* the state before the first byte */
	__u32 slots;	  /* slots in use, head included */
	__u32 verdicts;	  /* verdict words in use */
	__u32 states;	  /* for people */
	__u32 relation;	  /* index of the relation's first slot */
	__u32 verdict[RF_VERDICTS_MAX];
};
#define RF_IMAGE_HEAD_SLOTS (sizeof(struct rf_image_head) / sizeof(__u32))

/* An image's outer-map index: a policy slot has one for each kind of question that a DFA answers. */
enum rf_image_kind { RF_IMAGE_FILES, RF_IMAGE_UNIX, RF_IMAGE_KINDS };
#define RF_IMAGE_INDEX(policy, kind) ((policy)*RF_IMAGE_KINDS + (kind))

/* ------------------------------------------------------------ destinations */

enum rf_protocol { RF_TCP = 1, RF_UDP = 2, RF_UDPLITE = 4, RF_SCTP = 8, RF_ICMP = 16 };
#define RF_PROTOCOLS(X)       \
	X(TCP, "tcp")         \
	X(UDP, "udp")         \
	X(UDPLITE, "udplite") \
	X(SCTP, "sctp")       \
	X(ICMP, "icmp")
#define RF_ALL_PROTOCOLS 0x1fu

/* Key of a generation's LPM trie. IPv4 is ::ffff:a.b.c.d with 96 added to its prefix length; ::ffff:0:0/96 and ::/0
 * are always there, so a look-up never misses and an IPv6 range never answers for IPv4. For connect, the entry of
 * ::ffff:0:0/128 says what every IPv4 address allows: what 0.0.0.0 may mean. */
struct rf_dest_key {
	__u32 prefix; /* bits */
	__u8 addr[16];
};

/* Disjoint and ascending; ports outside all ranges are denied. */
struct rf_port_range {
	__u16 lo, hi; /* host byte order, both inside */
	__u8 connect; /* enum rf_protocol bits that are allowed */
	__u8 bind;
	__u8 reserved[2];
};

struct rf_dest {
	__u64 generation;
	__u32 mode; /* enum rf_mode */
	__u32 ranges;
	struct rf_port_range range[RF_PORTS_MAX];
};

/* ---------------------------------------------------------------- subjects */

/* Tag of a cgroup, by cgroup id. A sandbox's policies change behind its chain; the tag changes where other policies
 * come to select the cgroup. */
struct rf_tag {
	__u32 sandbox; /* index in the sandboxes map */
	__u32 reserved;
};

/* What spares most tasks a look-up in the tags: element id & (RF_HINTS_MAX - 1) of the hints map, memory-mapped by user
 * space. */
struct rf_hint {
	__u64 cgroup;  /* a tagged cgroup of this place, RF_HINT_BUSY while it is written, or 0 */
	__u32 sandbox; /* that cgroup's */
	__u32 tagged;  /* tagged cgroups of this place; never less than there are */
};
#define RF_HINT_BUSY (~0ull)

enum rf_sandbox_state { RF_SANDBOX_FREE, RF_SANDBOX_LIVE, RF_SANDBOX_SPARE };

/* What a sandbox is for. Those that are not RF_ORIGIN_RUN are the service's: their policies are not their own but those
 * that are in force by name, and their denials go to one ring. */
enum rf_origin {
	RF_ORIGIN_RUN,	/* a command and what it starts */
	RF_ORIGIN_SET,	/* no cgroup: policies that are in force together, to be copied (or, without a spare, used) */
	RF_ORIGIN_UNIT, /* a cgroup that policies select */
};
#define RF_CGROUP_TAIL 96 /* bytes of a cgroup's path that a sandbox keeps */

/* One element of the sandboxes map, memory-mapped by user space: single fields change by one store. */
struct rf_sandbox {
	__u64 id;     /* never given twice on a boot */
	__u64 cgroup; /* id of the tagged cgroup */
	__u32 state;  /* enum rf_sandbox_state */
	__u32 chain;  /* index in the chains map */
	__u32 audit;  /* not 0: refuses nothing, whatever the policies' modes */
	__u32 owner;  /* pid of the `ringfence run` that made it, for clean-up */
	__u32 origin; /* enum rf_origin */
	__u32 ring;   /* index in the rings map: its own, or 0, the service's */
	__u64 stamp;  /* never given twice: a cached verdict carries it, and a change of the chain gives a new one */
	__u64 made;   /* denials: all */
	__u64 told;   /* of them: one event each */
	__u64 merged; /* of them: counted in the total of an event like them */
	__u64 lost;   /* of them: neither, because the ring was full, or the sandbox's share of it */
	__u64 queued; /* bytes of events put into the ring */
	/* Written by the reader of the service's ring alone, so that another one can go on where it ended. */
	__u64 taken;		      /* bytes of them that were read */
	__u64 counted;		      /* denials that its records tell of, as what happened or as lost */
	__u64 missed;		      /* of those lost: how many they tell of */
	__u64 seen;		      /* `made` when it was last looked at */
	__u64 noted;		      /* not 0: its records tell that it began */
	__u64 reason[RF_REASONS_MAX]; /* denials by enum rf_reason */
	char tail[RF_CGROUP_TAIL];    /* of a cgroup: the end of its path, with a NUL */
};

/* What the service is told of a sandbox that ended, in a queue. */
struct rf_ended {
	__u64 id;
	__u64 made;
	__u64 noted; /* as they stood in the sandbox */
	char tail[RF_CGROUP_TAIL];
};

enum rf_section { RF_FILES, RF_NETWORK, RF_UNIX, RF_SECTIONS };

struct rf_link {
	__u32 policy;  /* policy slot */
	__u32 sandbox; /* the sandbox that brings this policy: its own or an ancestor */
	__u32 guards;  /* RF_GUARD_BITs that are on */
	__u32 left;    /* bits by enum rf_section: left to the other policies. Its images allow all there */
};

/* The policies of a sandbox and its ancestors; all must allow. Never changed while a sandbox has it. */
struct rf_chain {
	__u32 links;
	__u32 seals;  /* not 0: some policy seals objects */
	__u32 guards; /* RF_GUARD_BITs that are on in some policy */
	__u32 hides;  /* not 0: some policy hides objects from stat(2) and its like too */
	struct rf_link link[RF_CHAIN_MAX];
};

/* Sealed object of a policy: denied under every name. */
struct rf_seal_key {
	__u64 inode;
	__u32 device; /* as in super_block.s_dev: major << 20 | minor */
	__u32 policy;
};

struct rf_seal {
	__u16 access; /* enum rf_access bits refused */
	__u16 tree;   /* not 0: a directory of which nothing beneath may be reached either */
	__u32 hide;   /* of the accesses: with ENOENT */
};

/* The host's first process starts its services. */
#define RF_MANAGER 1

/* Launchers that may be at a time; who finds no room is fenced as it comes into the cgroup. */
#define RF_LAUNCHERS_MAX 4096

/* A task that the manager forked and that has not executed its program; by the task's address. */
struct rf_launcher {
	__u64 born;	/* task_struct.start_boottime */
	__u32 executes; /* 1: what it executes next is the program; 2: before that comes the manager's own */
	__u32 pad;
};

/* Switches and facts of the loaded engine; one element, memory-mapped by user space. */
struct rf_engine {
	__u32 abi;	 /* RF_ABI of the object that was loaded; 0 while loading */
	__u32 no_cache;	 /* not 0: no folder's state is kept; those kept before count until a sandbox has a new stamp */
	__u64 next_id;	 /* sandbox ids, generations and stamps given so far */
	__u32 untagged;	 /* cgroups that could not be tagged at creation: then ancestors are asked */
	__u32 seed;	 /* start of the hashes by which denials are merged */
	__u32 used;	 /* sandboxes from this index on were never used: what scans need not look at */
	__u32 select;	 /* RF_SELECT_SLOT or the next: the image that new cgroups' paths are run through; 0: none */
	__u32 closed;	 /* the sandbox whose chain is empty, so that all is refused; 0: there is none */
	__u32 unready;	 /* selected cgroups for which no spare sandbox was ready */
	__u32 manager;	 /* the process whose children are launchers: RF_MANAGER */
	__u32 launchers; /* how many there are */
	__u32 service;	 /* not 0: somebody reads the service's ring, and is told of sandboxes with a ring of their own
			    too */
	__u32 ended;	 /* sandboxes that were to be put into the queue of those that ended */
	__u32 ended_told; /* of them: those that the service's records tell of, one by one or as a number */
	__u32 reserved;
	__u64 logged;	  /* the number of the service's last record whose counts stand with the sandboxes
			     (rf_sandbox.counted) */
	char version[32]; /* RF_VERSION of the loader */
};

/* ------------------------------------------------------------------ events */

enum rf_verdict { RF_ALLOWED, RF_DENIED, RF_WOULD_DENY };

enum rf_object {
	RF_OBJECT_NONE,
	RF_OBJECT_FILE,
	RF_OBJECT_NET,
	RF_OBJECT_UNIX,
	RF_OBJECT_TASK,	      /* rf_event.target is its pid, the path its name */
	RF_OBJECT_CAPABILITY, /* rf_event.target is its number */
	RF_OBJECT_COUNT
};

struct rf_address {
	__u16 family;	/* AF_* of the socket */
	__u16 port;	/* host byte order */
	__u16 protocol; /* IPPROTO_* */
	__u16 type;	/* SOCK_* */
	__u8 addr[16];	/* IPv4 as ::ffff:a.b.c.d */
};

/* Of which processes a task is the child, as far as they are told. */
#define RF_PARENTS 4
struct rf_parent {
	__u32 tgid;
	char comm[RF_COMM_LEN];
};

/*
 * A denial. After the head: `object_len` bytes of path (no NUL; a unix abstract name starts with '@'), then
 * `second_len` bytes of the second path (rename and link: the new name), then `exe_len` bytes of the task's program.
 */
struct rf_event {
	__u64 time;	  /* ns, CLOCK_BOOTTIME */
	__u64 sandbox;	  /* rf_sandbox.id of the task's own sandbox */
	__u64 generation; /* of the image that decided; 0 where none did */
	__u64 merge;	  /* equal for denials that are merged; key in the merge map; 0: not merged */
	__u64 total;	  /* denials with this merge key so far, this one included; without key: 1 */
	__u32 pid, tgid;
	__u32 uid;
	__u32 policy; /* policy slot that did not allow */
	__u32 link;   /* its place in the sandbox's chain */
	__u16 hook;   /* enum rf_hook */
	__u16 reason; /* enum rf_reason */
	__u8 access;  /* enum rf_access bits asked and refused */
	__u8 verdict; /* enum rf_verdict */
	__u8 object;  /* enum rf_object */
	__u8 error;   /* errno that the task got */
	__u16 object_len, second_len, exe_len;
	__u16 guard; /* enum rf_guard, with RF_REASON_GUARD */
	char comm[RF_COMM_LEN];
	struct rf_address address;	     /* RF_OBJECT_NET only */
	__u32 target;			     /* a task's pid, a capability's number; else 0 */
	__u32 box;			     /* index of the sandbox in its map */
	struct rf_parent parent[RF_PARENTS]; /* nearest first; those that there are not are 0 */
};

/* Element of the merge map, by rf_event.merge. */
struct rf_merge {
	__u64 total;   /* denials so far */
	__u64 emitted; /* when the last event was sent, ns, CLOCK_BOOTTIME */
	__u64 sandbox; /* rf_sandbox.id */
};

#ifdef __cplusplus
#error "C only"
#endif
_Static_assert(sizeof(struct rf_image_head) == 32 + 4 * RF_VERDICTS_MAX, "abi");
_Static_assert(sizeof(struct rf_dest_key) == 20, "abi");
_Static_assert(sizeof(struct rf_port_range) == 8, "abi");
_Static_assert(sizeof(struct rf_dest) == 16 + 8 * RF_PORTS_MAX, "abi");
_Static_assert(sizeof(struct rf_tag) == 8, "abi");
_Static_assert(sizeof(struct rf_hint) == 16, "abi");
_Static_assert(RF_REASON_COUNT <= RF_REASONS_MAX, "abi");
_Static_assert(sizeof(struct rf_sandbox) == 128 + 8 * RF_REASONS_MAX + RF_CGROUP_TAIL, "abi");
_Static_assert(sizeof(struct rf_chain) == 16 + 16 * RF_CHAIN_MAX, "abi");
_Static_assert(sizeof(struct rf_seal_key) == 16, "abi");
_Static_assert(sizeof(struct rf_engine) == 104, "abi");
_Static_assert(sizeof(struct rf_address) == 24, "abi");
_Static_assert(sizeof(struct rf_event) == 208, "abi");
_Static_assert(sizeof(struct rf_merge) == 24, "abi");

#endif
