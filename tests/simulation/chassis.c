/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See chassis.h. */
#include "tests/simulation/chassis.h"

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
	srp_core_init(&chassis->core, instance, chassis->saved_modifier);
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

bool chassis_is_applied(const struct chassis *chassis)
{
	return chassis->running && chassis->core.role == SRP_PENDING_ACTIVE && !chassis->told.hold &&
	       chassis->kernel_generation == chassis->generation &&
	       chassis->bgpd_generation == chassis->generation;
}

void chassis_host_dies(struct chassis *chassis)
{
	chassis->running = chassis->installed = chassis->permitted = false;
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
	if (chassis->bgpd_generation == chassis->generation)
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
	       a->hello_msec == b->hello_msec && a->dead_msec == b->dead_msec &&
	       a->clock_msec == b->clock_msec && strcmp(a->version, b->version) == 0;
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
	if (decoded.type != message->type || decoded.sequence != message->sequence ||
	    decoded.request_id != message->request_id || decoded.reason != message->reason ||
	    decoded.response != message->response || !hello_equal(&decoded.hello, &message->hello))
		violation_set(violation, "codec", "a message of type %d is decoded to something else",
			      message->type);
	*message = decoded;
}

/*
 * role-sticks: the Pending roles end by their own limits, whatever the world does, and Init ends when the peer
 * had its chance: delay-interval, then the dead-interval (at least SRP_ALONE_MIN_MSEC), or, when the peer was
 * heard and said nothing that decides, until it is dead by its own hello-interval: 3 x that at most. A peer in
 * Pending-Standby keeps an Init waiting for SRP_SWITCHOVER_LIMIT_MSEC.
 */
static void check_role_limits(struct chassis *chassis, uint64_t now, struct violation *violation)
{
	const struct srp_core_config *config = &chassis->config;
	uint64_t alone = config->dead_msec > SRP_ALONE_MIN_MSEC ? config->dead_msec : SRP_ALONE_MIN_MSEC;
	uint64_t since = now - chassis->role_since;

	if (chassis->core.role == SRP_PENDING_ACTIVE && since >= SRP_APPLY_LIMIT_MSEC)
		violation_set(violation, "role-sticks", "Pending-Active for %llu ms",
			      (unsigned long long)since);
	if (chassis->core.role == SRP_PENDING_STANDBY && since >= SRP_SWITCHOVER_LIMIT_MSEC)
		violation_set(violation, "role-sticks", "Pending-Standby for %llu ms",
			      (unsigned long long)since);
	/* 3 x the slowest hello-interval that scripts give to a peer, see script.c. */
	if (chassis->core.role == SRP_INIT && config->enabled &&
	    now - chassis->init_since > config->delay_msec + alone + SRP_SWITCHOVER_LIMIT_MSEC +
						2 * (uint64_t)config->dead_msec + 6000)
		violation_set(violation, "role-sticks", "Init for %llu ms",
			      (unsigned long long)(now - chassis->init_since));
}

void chassis_input(struct chassis *chassis, uint64_t now, const struct srp_input *input,
		   struct srp_outputs *outputs, struct violation *violation)
{
	enum srp_role before = chassis->core.role;

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
			chassis->role_since = now;
		}
	}
	if (chassis->core.role == SRP_INIT && (before != SRP_INIT || input->type == SRP_IN_CONFIG))
		chassis->init_since = now;
	/* busy-loop: after a tick nothing is overdue, or the loop would spin. */
	if (input->type == SRP_IN_TICK && srp_core_deadline(&chassis->core) <= now)
		violation_set(violation, "busy-loop",
			      "the deadline is %lld ms in the past after a tick as %s",
			      (long long)(now - srp_core_deadline(&chassis->core)),
			      srp_role_name(chassis->core.role));
	if (input->type == SRP_IN_TICK)
		check_role_limits(chassis, now, violation);
	/* modifier-range: what the peer's decoder takes. */
	if (chassis->core.modifier > SRP_MODIFIER_MAX ||
	    (chassis->core.modifier < 1 && chassis->config.enabled))
		violation_set(violation, "modifier-range", "route modifier %u", chassis->core.modifier);
	reconcile(chassis);
	save_state(chassis);
}
