/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel follows: a reconciler of addresses and routes over rtnetlink (libmnl).
 *
 * The caller states the whole desired set; the reconciler makes the kernel match it and keeps it so:
 * it dumps what carries our mark, diffs, sends batches, counts acknowledgements, watches the multicast
 * groups, and starts over after ENOBUFS. Nothing is ever "sent once".
 *
 * Ours is what carries SRP_RTPROT: routes by rtm_protocol in any table, addresses by IFA_PROTO (Linux 5.18
 * and later; before, an address that equals a wanted one is taken for ours). What of ours is there already
 * and does what is wanted is adopted without any event, whatever its metric, unless one is wanted. What is
 * someone else's under the same prefix is neither deleted nor replaced: ours fails, visibly, and is tried again.
 *
 * A metric changes by a route that is added and one that is then deleted: zebra takes it for one change. Of an address,
 * zebra only takes the metric when it comes: it is deleted and added in one request, microseconds apart.
 *
 * A refused object is tried again after 100 ms, doubling to 5 s, and at once when a link, an address or the
 * object in its way changes. A foreign deletion is repaired at once, but no more often than 10 times a second
 * per object.
 *
 * Knows nothing of roles, of FRR or of the agent. One thread; all sockets are non-blocking: the caller
 * watches the two descriptors and the deadline, and calls reconciler_run(). Times are CLOCK_MONOTONIC's.
 */
#ifndef SRP_RECONCILER_H
#define SRP_RECONCILER_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SRP_RTPROT         245 /* "srp" in rt_protos.d; 186-198 are FRR's own, which zebra ignores */
#define RECONCILER_VRF_LEN 36

enum reconciler_kind {
	RECONCILER_ADDRESS, /* on lo, or on the VRF's device; or on an interface besides */
	RECONCILER_ROUTE,   /* in the main table, or in the VRF's */
};

/*
 * One wanted kernel object. Zero it before filling: equality is by value. An IPv6 address on an interface is
 * there to be answered for on that segment, and deprecated: nothing sent from this host chooses it for its
 * source.
 */
struct reconciler_object {
	enum reconciler_kind kind;
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t plen;
	uint8_t addr[16];             /* network byte order; a route's host bits are zero */
	bool has_nexthop;             /* routes only */
	uint8_t nexthop[16];          /* gateway */
	char ifname[IF_NAMESIZE];     /* a route's output interface, an address's interface, or "" */
	char vrf[RECONCILER_VRF_LEN]; /* "" or "default": none */
	/*
	 * A route's metric, or that of an address's own route (IFA_RT_PRIORITY); 0: the best, and what is there with
	 * another is good as well.
	 */
	uint32_t metric;
}; /* a route with neither nexthop nor ifname is a blackhole */

enum reconciler_mode {
	RECONCILER_HOLD,    /* add and remove nothing: what is there stays (a role is not known yet) */
	RECONCILER_DRAIN,   /* remove what is not in the desired set, add nothing: what else is there stays */
	RECONCILER_ADJUST,  /* the same, but what is there of the desired set becomes as it is desired */
	RECONCILER_ENFORCE, /* the kernel shall hold exactly the desired set of what carries our mark */
};

enum reconciler_log_level {
	RECONCILER_LOG_ERROR,
	RECONCILER_LOG_WARNING,
	RECONCILER_LOG_INFO,
	RECONCILER_LOG_DEBUG
};

struct reconciler_callbacks {
	/*
	 * In mode ENFORCE: all of the set of this generation is in the kernel, and nothing else of ours. Told
	 * again after a repair. Called from reconciler_run() only; may call reconciler_set(). May be NULL.
	 */
	void (*applied)(void *arg, uint64_t generation);
	/* The wish to write, or the deadline, may have changed: look again. From set() and run(). May be
	 * NULL. */
	void (*wakeup)(void *arg);
	/* One line without newline; lines about single objects are rate-limited. May be NULL. */
	void (*log)(void *arg, enum reconciler_log_level level, const char *text);
	/*
	 * Something may have changed about this interface: its addresses (ours do not count), whether it is
	 * up, its name, that it is there at all. 0: about any, after a dump. `name` is "" when it is not
	 * known. Called from set() and run(); must not call back. May be NULL.
	 */
	void (*interface)(void *arg, uint32_t ifindex, const char *name);
	/*
	 * Called with true before, and with false after, what needs CAP_NET_ADMIN: opening the sockets, and
	 * each batch of changes (the kernel looks at the rights of the socket's opener and of the sender).
	 * NULL when the process has it all the time.
	 */
	void (*privs)(void *arg, bool raise);
	void *arg;
};

struct reconciler_status {
	uint64_t desired_generation;
	uint64_t applied_generation;
	uint32_t desired; /* objects wanted */
	uint32_t present; /* of these, in the kernel by our last knowledge */
	uint32_t failed;  /* of these, refused at the last attempt, or of an unknown interface (will be
			     retried) */
	uint32_t stale; /* ours in the kernel that is not wanted: about to go, or in HOLD what may go later */
	uint64_t added; /* since start: objects added or replaced, removed, put back after a foreign deletion
			 */
	uint64_t removed;
	uint64_t repaired;
	uint64_t adopted;     /* found present at the first dump and kept */
	uint64_t resyncs;     /* full dumps after lost messages, and dumps the kernel called inconsistent */
	char last_error[160]; /* object and reason of the last refusal, "" when none is outstanding */
};

struct reconciler;

/*
 * Open the sockets. NULL and errno on failure. Mode is HOLD until the first reconciler_set(). Call
 * reconciler_run() soon: it reads the kernel's state, which then need not be read when a set is to be
 * enforced.
 */
struct reconciler *reconciler_new(const struct reconciler_callbacks *callbacks);
void reconciler_free(struct reconciler *r); /* leaves the kernel as it is; NULL is ignored */

/*
 * Replace the desired set (copied; order is kept, duplicates are dropped). `generation` comes back in
 * applied(). Returns 0, or with the old set kept -ENOMEM, or -EINVAL for a family, length or text out of
 * bounds.
 *
 * Changes are sent before it returns, and mostly are in the kernel by then; never blocks. Of two objects for
 * the same prefix (and table, or interface) the first counts, the other is reported as failed.
 */
int reconciler_set(struct reconciler *r, enum reconciler_mode mode, const struct reconciler_object *objects,
		   size_t count, uint64_t generation);

/* Descriptors to watch for reading: requests and their answers; multicast notifications. */
int reconciler_request_fd(const struct reconciler *r);
int reconciler_notify_fd(const struct reconciler *r);
bool reconciler_wants_write(const struct reconciler *r); /* the request descriptor, also for writing */

/* When to call run() though no descriptor is ready: monotonic ms, UINT64_MAX for never. */
uint64_t reconciler_deadline(const struct reconciler *r);

/* Do what can be done now. `now`: monotonic ms. Call it when a descriptor is ready or the deadline passed. */
void reconciler_run(struct reconciler *r, uint64_t now);

void reconciler_get_status(const struct reconciler *r, struct reconciler_status *status);
/* Its applied_generation alone: for those who ask often, as the status walks over all objects. */
uint64_t reconciler_applied(const struct reconciler *r);

#endif
