/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between the FRRouting versions we build for (8.4, 10.3, 10.7), and nothing else.
 *
 * Include this first in every file of frr-integration: it brings FRR's config.h and zebra.h, which must
 * precede all other FRR headers. No other file compares SRP_FRR_NUMBER (80404 is 8.4.4), which configure sets
 * together with SRP_FRR_UPSTREAM ("8.4.4") and, found by a compile test, SRP_NB_EDIT_TAKES_TEXT.
 */
#ifndef SRP_FRR_COMPAT_H
#define SRP_FRR_COMPAT_H

#include <config.h>
#include <zebra.h>

#include <fcntl.h>
#include <string.h>

#include "northbound.h"
#include "yang.h"

/*
 * The event loop. FRR before 8.5 calls it thread, later event. These are our names for both; the arguments
 * are those of FRR's functions: (loop, function, argument, seconds | milliseconds | fd | value, reference).
 */
#if SRP_FRR_NUMBER < 80500
#include "thread.h"
#define SRP_EVENT_LOOP              struct thread_master
#define SRP_EVENT                   struct thread
#define srp_event_add_read          thread_add_read
#define srp_event_add_write         thread_add_write
#define srp_event_add_timer         thread_add_timer
#define srp_event_add_timer_msec    thread_add_timer_msec
#define srp_event_add_timer_tv      thread_add_timer_tv
#define srp_event_add_event         thread_add_event
#define srp_event_cancel(reference) thread_cancel(reference)
#define srp_event_arg(e)            THREAD_ARG(e)
#define srp_event_fd(e)             THREAD_FD(e)
#define srp_event_loop_create       thread_master_create
#define srp_event_loop_free         thread_master_free
#define srp_event_fetch             thread_fetch
#define srp_event_call              thread_call
#else
#include "frrevent.h"
#define SRP_EVENT_LOOP              struct event_loop
#define SRP_EVENT                   struct event
#define srp_event_add_read          event_add_read
#define srp_event_add_write         event_add_write
#define srp_event_add_timer         event_add_timer
#define srp_event_add_timer_msec    event_add_timer_msec
#define srp_event_add_timer_tv      event_add_timer_tv
#define srp_event_add_event         event_add_event
#define srp_event_cancel(reference) event_cancel(reference)
#define srp_event_arg(e)            EVENT_ARG(e)
#define srp_event_fd(e)             EVENT_FD(e)
#define srp_event_loop_create       event_master_create
#define srp_event_loop_free         event_master_free
#define srp_event_fetch             event_fetch
#define srp_event_call              event_call
#endif

/* FRR's run directory, pathspace included; and a change that a command has enqueued in its vty. */
#if SRP_FRR_NUMBER < 100000
#define srp_run_dir    frr_vtydir
#define SRP_CFG_CHANGE struct vty_cfg_change
#else
#define srp_run_dir    frr_runstatedir
#define SRP_CFG_CHANGE struct nb_cfg_change
#endif

/* Edit one node of a candidate: set it to `value` (NULL for lists and containers) or remove it. */
static inline int srp_nb_edit(struct nb_config *candidate, enum nb_operation operation, const char *xpath,
			      const char *value)
{
	struct nb_node *node = nb_node_find(xpath);
#ifdef SRP_NB_EDIT_TAKES_TEXT
	return node ? nb_candidate_edit(candidate, node, operation, xpath, value) : NB_ERR_NOT_FOUND;
#else
	struct yang_data *data;
	int rc;

	if (!node)
		return NB_ERR_NOT_FOUND;
	data = yang_data_new(xpath, value);
	rc = nb_candidate_edit(candidate, node, operation, xpath, NULL, data);
	yang_data_free(data);
	return rc;
#endif
}

static inline int srp_nb_set(struct nb_config *candidate, const char *xpath, const char *value)
{
	return srp_nb_edit(candidate, value ? NB_OP_MODIFY : NB_OP_CREATE, xpath, value);
}

static inline int srp_nb_remove(struct nb_config *candidate, const char *xpath)
{
	return srp_nb_edit(candidate, NB_OP_DESTROY, xpath, NULL);
}

/*
 * Commit a candidate to the running configuration in one transaction. `user` tells one holder of the
 * configuration lock from another: the address of anything static. Returns enum nb_error; NB_ERR_LOCKED and
 * NB_ERR_NO_CHANGES are not failures of the candidate.
 */
static inline int srp_nb_commit(struct nb_config *candidate, const void *user, const char *comment,
				char *error, size_t error_size)
{
	struct nb_context context = {.client = NB_CLIENT_NONE, .user = user};

#if SRP_FRR_NUMBER < 100000
	return nb_candidate_commit(&context, candidate, false, comment, NULL, error, error_size);
#else
	return nb_candidate_commit(context, candidate, false, comment, NULL, error, error_size);
#endif
}

/* Empty a hash with `free_function` and free it; the pointer is NULL then. */
#if SRP_FRR_NUMBER < 90000
#define srp_hash_drop(hash, free_function)                  \
	do {                                                \
		if (*(hash)) {                              \
			hash_clean(*(hash), free_function); \
			hash_free(*(hash));                 \
		}                                           \
		*(hash) = NULL;                             \
	} while (0)
#else
#define srp_hash_drop(hash, free_function) hash_clean_and_free(hash, free_function)
#endif

/* bgpd: what a redistributed route brings; from 10.7 on with the SRv6 behaviour of its next hop, which ours lack. */
#if SRP_FRR_NUMBER < 100700
#define SRP_NO_SEG6
#else
#define SRP_NO_SEG6 , 0, NULL
#endif

/* bgpd: session state and address moved from the peer to its connection in 10.2. Expanded in bgpd's module only. */
#if SRP_FRR_NUMBER < 100200
#define srp_peer_address(peer)         (&(peer)->su)
#define srp_peer_established(peer)     peer_established(peer)
#define srp_peer_was_established(peer) ((peer)->ostatus == Established) /* before its last change */
#else
#define srp_peer_address(peer)         (&(peer)->connection->su)
#define srp_peer_established(peer)     peer_established((peer)->connection)
#define srp_peer_was_established(peer) ((peer)->connection->ostatus == Established)
#endif

/* bgpd's client of zebra, with the name that it has there. */
#if SRP_FRR_NUMBER < 100700
#define srp_zclient zclient
#else
#define srp_zclient bgp_zclient
#endif
extern struct zclient *srp_zclient;

/*
 * bgpd: zclient_stop() of 8.4 frees the sets of VRFs that asked for redistribution and leaves them unusable:
 * what is set in them after a reconnection is lost, and `no redistribute` withdraws nothing.
 */
#if SRP_FRR_NUMBER < 90000
#define srp_zclient_restore_sets(client)                                                   \
	do {                                                                               \
		for (afi_t afi_ = AFI_IP; afi_ < AFI_MAX; afi_++) {                        \
			for (int type_ = 0; type_ < ZEBRA_ROUTE_MAX; type_++)              \
				if ((client)->redist[afi_][type_] == VRF_BITMAP_NULL)      \
					(client)->redist[afi_][type_] = vrf_bitmap_init(); \
			if ((client)->default_information[afi_] == VRF_BITMAP_NULL)        \
				(client)->default_information[afi_] = vrf_bitmap_init();   \
		}                                                                          \
	} while (0)
#else
#define srp_zclient_restore_sets(client) ((void)(client))
#endif

#endif
