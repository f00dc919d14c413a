/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See chassis.h. */
#include "tests/simulation/chassis.h"

#include "tests/simulation/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void violation_set(struct violation *violation, const char *name, const char *format, ...)
{
	va_list args;

	if (violation->name)
		return;
	violation->name = name;
	va_start(args, format);
	vsnprintf(violation->text, sizeof(violation->text), format, args);
	va_end(args);
}

/* --- the shell's part ------------------------------------------------------------------------ */

void chassis_start(struct chassis *chassis, uint64_t instance, bool keep)
{
	if (!keep) {
		chassis->saved_modifier = 0;
		chassis->saved_role = SRP_INIT;
	}
	srp_core_init(&chassis->core, instance, chassis->saved_modifier, !chassis->rebooted);
	chassis->rebooted = false;
	chassis->running = true;
	chassis->sequence = 0;
	chassis->told = (struct srp_desired){.hold = true};
}

static bool desired_equal(const struct srp_desired *a, const struct srp_desired *b)
{
	return a->hold == b->hold && a->keep == b->keep && a->install == b->install &&
	       a->announce == b->announce && a->prepend == b->prepend && a->assertions == b->assertions;
}

static void reconcile(struct chassis *chassis)
{
	struct srp_desired desired = srp_core_desired(&chassis->core);

	if (desired_equal(&desired, &chassis->told))
		return;
	chassis->told = desired;
	if (desired.hold)
		return;
	chassis->wish = desired;
	chassis->generation++;
}

static void save_state(struct chassis *chassis)
{
	if (chassis->core.role == SRP_INIT)
		return;
	chassis->saved_role = chassis->core.role;
	chassis->saved_modifier = chassis->core.modifier;
}

void chassis_kernel_applies(struct chassis *chassis)
{
	if (!chassis->wish.keep)
		chassis->installed = chassis->wish.install;
	chassis->kernel_generation = chassis->generation;
}

void chassis_bgpd_applies(struct chassis *chassis)
{
	chassis->permitted = chassis->wish.announce;
	chassis->prepend = chassis->wish.prepend;
	chassis->bgpd_generation = chassis->generation;
}

bool chassis_fact(const struct chassis *chassis, unsigned int number, struct srp_input *input)
{
	bool waits = chassis->core.phase == SRP_PHASE_APPLY && !chassis->told.hold;
	bool applied = chassis->kernel_generation == chassis->generation &&
		       chassis->bgpd_generation == chassis->generation;
	struct srp_input due[3];
	unsigned int count = 0;

	if (waits && applied)
		due[count++] = (struct srp_input){.type = SRP_IN_APPLIED};
	if (waits && applied && chassis->told.announce && chassis_announced(chassis))
		due[count++] = (struct srp_input){.type = SRP_IN_ADVERTISED};
	if (chassis->core.flush != SRP_FLUSH_NONE && !chassis->managers)
		due[count++] = (struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = chassis->core.flush_id};
	if (number >= count)
		return false;
	*input = due[number];
	return true;
}

void chassis_host_dies(struct chassis *chassis)
{
	chassis->running = chassis->installed = chassis->permitted = false;
	chassis->rebooted = true;
	chassis->wish = (struct srp_desired){0};
	chassis->kernel_generation = chassis->bgpd_generation = ++chassis->generation;
}

bool chassis_serves(const struct chassis *chassis)
{
	return chassis->running &&
	       (chassis->core.role == SRP_PENDING_ACTIVE || chassis->core.role == SRP_ACTIVE);
}

uint16_t chassis_announced(const struct chassis *chassis)
{
	return chassis->permitted && chassis->installed ? chassis->prepend : 0;
}

uint16_t chassis_wants_announced(const struct chassis *chassis)
{
	if (chassis->bgpd_generation == chassis->generation &&
	    chassis->kernel_generation == chassis->generation)
		return chassis_announced(chassis);
	return chassis->wish.announce ? chassis->wish.prepend : 0;
}

/* --- what one chassis must keep -------------------------------------------------------------- */

static bool hello_equal(const struct srp_hello *a, const struct srp_hello *b)
{
	return a->instance == b->instance && a->role == b->role && a->mode == b->mode &&
	       a->modifier == b->modifier && a->priority == b->priority &&
	       memcmp(a->tiebreaker, b->tiebreaker, SRP_TIEBREAKER_LEN) == 0 &&
	       a->monitors_failed == b->monitors_failed && a->monitors_ready == b->monitors_ready &&
	       a->frr_down == b->frr_down && a->options == b->options && a->checksum == b->checksum &&
	       a->stamp == b->stamp && a->progress.id == b->progress.id &&
	       a->progress.advertised == b->progress.advertised &&
	       a->progress.ims_flushed == b->progress.ims_flushed &&
	       a->progress.non_ims_flushed == b->progress.non_ims_flushed && a->hello_msec == b->hello_msec &&
	       a->dead_msec == b->dead_msec && a->clock_msec == b->clock_msec &&
	       strcmp(a->version, b->version) == 0;
}

static bool message_equal(const struct srp_message *a, const struct srp_message *b)
{
	return a->type == b->type && a->sequence == b->sequence && a->request_id == b->request_id &&
	       a->reason == b->reason && a->force == b->force &&
	       a->make_before_break == b->make_before_break && a->response == b->response &&
	       hello_equal(&a->hello, &b->hello);
}

/*
 * codec: the peer gets what was sent. The message is replaced by what the bytes say, so that what the codec
 * forgets is missed by the pair, too.
 */
static void through_codec(struct srp_message *message, uint32_t sequence, struct violation *violation)
{
	uint8_t frame[SRP_WIRE_FRAME_MAX], again[SRP_WIRE_FRAME_MAX];
	struct srp_message decoded;
	size_t len, len_again, used = 0;
	const char *why;
	enum srp_decode result;

	message->sequence = sequence;
	if (message->type == SRP_MSG_HELLO) {
		message->hello.clock_msec = 1700000000000u + sequence;
		snprintf(message->hello.version, SRP_VERSION_LEN, "sim-%u", (unsigned int)(sequence % 1000));
	}
	len = srp_message_encode(message, frame);
	result = srp_message_decode(frame, len, &decoded, &used, &why);
	if (result != SRP_DECODE_OK) {
		violation_set(violation, "codec", "a message of type %d does not decode: %s", message->type,
			      why ? why : "no reason");
		return;
	}
	len_again = srp_message_encode(&decoded, again);
	if (used != len || len != len_again || memcmp(frame, again, len) != 0)
		violation_set(violation, "codec", "a message of type %d changes when encoded again",
			      message->type);
	if (!message_equal(&decoded, message))
		violation_set(violation, "codec", "a message of type %d is decoded to something else",
			      message->type);
	*message = decoded;
}

static uint64_t phase_limit(const struct chassis *chassis)
{
	uint64_t limit = srp_phase_limit(chassis->core.phase);

	/* The peer must be Active within the limit; the convergence-time comes then, and delays what follows it. */
	if (chassis->core.phase == SRP_PHASE_CONVERGE ||
	    (chassis->core.phase == SRP_PHASE_POST && chassis->core.make_before_break))
		limit += chassis->config.convergence_msec;
	return limit;
}

/*
 * role-sticks: each phase ends by its own limit, whatever the world does, and the Pending roles with the sum
 * of their phases. Init ends when the peer had its chance: delay-interval, then the dead-interval (at least
 * SRP_ALONE_MIN_MSEC); or, when the peer was heard and said nothing that decides, when it is dead by its own
 * hello-interval: 3 x SCRIPT_HELLO_MAX_MSEC at most. A peer in Pending-Standby keeps an Init waiting for that
 * role's limit, and own daemons that are down for as long as a script keeps them down.
 */
static void check_limits(struct chassis *chassis, uint64_t now, struct violation *violation)
{
	const struct srp_core_config *config = &chassis->config;
	enum srp_role role = chassis->core.role;
	uint64_t pending_standby = srp_phase_limit(SRP_PHASE_FLUSH) + srp_phase_limit(SRP_PHASE_REQUEST) +
				   srp_phase_limit(SRP_PHASE_CONVERGE) + config->convergence_msec;
	uint64_t pending_active = srp_phase_limit(SRP_PHASE_WITHDRAW) + srp_phase_limit(SRP_PHASE_APPLY) +
				  srp_phase_limit(SRP_PHASE_POST) + config->convergence_msec;
	uint64_t init = config->delay_msec + SRP_ALONE_MIN_MSEC + 2 * (uint64_t)config->dead_msec +
			3 * SCRIPT_HELLO_MAX_MSEC + pending_standby + SCRIPT_DURATION_MAX_MSEC;
	uint64_t limit = role == SRP_PENDING_STANDBY  ? pending_standby
			 : role == SRP_PENDING_ACTIVE ? pending_active
			 : role == SRP_INIT           ? init
						      : UINT64_MAX;
	uint64_t since = now - (role == SRP_INIT ? chassis->init_since : chassis->role_since);
	uint64_t phase_since = now - chassis->phase_since;

	if (config->enabled && since >= limit)
		violation_set(violation, "role-sticks", "%s for %llu ms, allowed are %llu",
			      srp_role_name(role), (unsigned long long)since, (unsigned long long)limit);
	if (chassis->core.phase != SRP_PHASE_NONE && phase_since >= phase_limit(chassis))
		violation_set(violation, "role-sticks", "%s for %llu ms, allowed are %llu",
			      srp_phase_name(chassis->core.phase), (unsigned long long)phase_since,
			      (unsigned long long)phase_limit(chassis));
}

void chassis_input(struct chassis *chassis, uint64_t now, const struct srp_input *input,
		   struct srp_outputs *outputs, struct violation *violation)
{
	enum srp_role before = chassis->core.role;
	enum srp_phase phase = chassis->core.phase;

	if (input->type == SRP_IN_CONFIG)
		chassis->config = *input->config;
	if (input->type == SRP_IN_HEALTH)
		chassis->health = input->health;
	srp_core_input(&chassis->core, now, input, outputs);

	/* overflow: the list is never full, so nothing was lost. */
	if (outputs->count >= SRP_OUTPUTS_MAX)
		violation_set(violation, "overflow", "%u outputs of one input", outputs->count);
	for (unsigned int i = 0; i < outputs->count; i++) {
		struct srp_output *output = &outputs->list[i];

		if (output->type == SRP_OUT_SEND)
			through_codec(&output->message, ++chassis->sequence, violation);
		if (output->type == SRP_OUT_ROLE) {
			chassis->role_changes++;
			chassis->takeovers += output->role.to == SRP_PENDING_ACTIVE;
			chassis->role_since = chassis->phase_since = now;
		}
	}
	if (chassis->core.phase != phase)
		chassis->phase_since = now;
	if (chassis->core.role == SRP_INIT && (before != SRP_INIT || input->type == SRP_IN_CONFIG))
		chassis->init_since = now;
	/* busy-loop: after a tick nothing is overdue, or the loop would spin. */
	if (input->type == SRP_IN_TICK && srp_core_deadline(&chassis->core) <= now)
		violation_set(violation, "busy-loop",
			      "the deadline is %lld ms in the past after a tick as %s",
			      (long long)(now - srp_core_deadline(&chassis->core)),
			      srp_role_name(chassis->core.role));
	if (input->type == SRP_IN_TICK)
		check_limits(chassis, now, violation);
	/* modifier-range: what the peer's decoder takes. */
	if (chassis->core.modifier > SRP_MODIFIER_MAX ||
	    (chassis->core.modifier < 1 && chassis->core.config.enabled))
		violation_set(violation, "modifier-range", "route modifier %u", chassis->core.modifier);
	reconcile(chassis);
	save_state(chassis);
}
