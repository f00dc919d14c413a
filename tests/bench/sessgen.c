/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session manager that makes its sessions up: so many, of such a size, changing so often, with content that can be
 * verified after a switchover. For tests and benchmarks.
 *
 *   sessgen [-p SOCKET] [-i INSTANCE] [-n SESSIONS] [-z BYTES] [-f FIELDS] [-u UPDATES/s] [-a ARRIVALS/s]
 *           [-I PERCENT-IMS] [-l LIFETIME] [-g AGE] [-H]
 *
 * -u and -a 0 (the default): none; -1: as many as go. An arrival also ends the oldest session. -H: follow the sessions
 * on the Standby, too. Reads commands, one a line: stop, go, report, quit. Writes a line of JSON for each event, and
 * for each report: what it holds, as a count and a digest that is the same wherever the sessions are.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "checkpoint/srpsession.h"

#define FIELDS_MAX 16
#define CMD_FIRST  10
#define FIELD_SIZE 16
#define SIZE_MAX_  4000

struct session {
	uint64_t id; /* 0: there is none */
	uint64_t macro;
	uint64_t fields[FIELDS_MAX];
};

struct generator {
	struct srp_session *session;
	unsigned int instance, fields;
	size_t size;
	uint64_t wanted;
	int64_t updates, arrivals;
	unsigned int ims;
	uint32_t lifetime, age;

	struct session *table; /* by slot */
	uint64_t slots, next_id, value;
	uint64_t count, update_at, end_at;
	bool serves, restored, ready, running, has, hot;
	uint64_t bad, refused, late, given;
	double update_credit, arrival_credit;
	uint64_t all_from; /* SEND_ALL goes on here; slots: nothing to send */
	uint32_t order;
	bool order_due;
	bool frozen; /* a hand-over is under way: nothing may change that could not be copied any more */
};

static uint64_t now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 33) * 0xff51afd7ed558ccdu;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53u;
	return value ^ value >> 33;
}

static struct session *slot_of(struct generator *gen, uint64_t id)
{
	return &gen->table[id % gen->slots];
}

static uint64_t call_id(const struct generator *gen, uint64_t id)
{
	return (uint64_t)gen->instance << 48 | id;
}

/* --- content ------------------------------------------------------------------------------- */

/* Looks like a session: some of it alike, some of it not. */
static void make_macro(const struct generator *gen, const struct session *session, uint8_t *macro)
{
	memcpy(macro, &session->id, 8);
	memcpy(macro + 8, &session->macro, 8);
	for (size_t at = 16; at < gen->size; at += 8) {
		uint64_t word = at % 32 == 16 ? mix(session->id + at) : 0x5352505345535300u + at;

		memcpy(macro + at, &word, gen->size - at < 8 ? gen->size - at : 8);
	}
}

static bool macro_is_good(const struct generator *gen, const struct session *session, const uint8_t *macro)
{
	uint8_t good[SIZE_MAX_];

	make_macro(gen, session, good);
	return memcmp(good, macro, gen->size) == 0;
}

static void make_field(uint64_t value, unsigned int index, uint8_t *to)
{
	uint64_t check = mix(value + index);

	memcpy(to, &value, 8);
	memcpy(to + 8, &check, 8);
}

static uint64_t session_digest(const struct generator *gen, const struct session *session)
{
	uint64_t digest = mix(session->id * 31 + session->macro);

	for (unsigned int i = 0; i < gen->fields; i++)
		digest = mix(digest + session->fields[i]);
	return digest;
}

static void report(struct generator *gen, const char *event)
{
	uint64_t digest = 0, count = 0;

	for (uint64_t i = 0; i < gen->slots; i++) {
		if (!gen->table[i].id)
			continue;
		count++;
		digest += session_digest(gen, &gen->table[i]);
	}
	printf("{\"event\": \"%s\", \"serves\": %s, \"restored\": %s, \"ready\": %s, \"sessions\": %" PRIu64
	       ", \"digest\": \"%016" PRIx64 "\", \"sent\": %" PRIu64 ", \"acked\": %" PRIu64
	       ", \"bad\": %" PRIu64 ", \"refused\": %" PRIu64 ", \"late\": %" PRIu64 ", \"given\": %" PRIu64
	       "}\n",
	       event, gen->serves ? "true" : "false", gen->restored ? "true" : "false",
	       gen->ready ? "true" : "false", count, digest, srp_session_sent(gen->session),
	       srp_session_acked(gen->session), gen->bad, gen->refused, gen->late, gen->given);
	fflush(stdout);
}

/* --- what srpd says ------------------------------------------------------------------------ */

static void on_status(void *arg, const struct srp_session_status *status)
{
	struct generator *gen = arg;
	bool changed = gen->serves != status->serves || gen->ready != status->ready;
	bool ended = gen->serves && !status->serves;

	if (ended)
		gen->restored = gen->has = false;
	if (status->role != SRP_SESSION_PENDING_STANDBY)
		gen->frozen = false;
	gen->serves = status->serves;
	gen->ready = status->ready;
	if (changed)
		report(gen, ended ? "ended" : "status");
	/* They are the other chassis' now; one that follows along keeps them, and is told what changes. */
	if (ended && !gen->hot)
		memset(gen->table, 0, gen->slots * sizeof(*gen->table));
}

static void take_field(struct generator *gen, struct session *session, const struct srp_session_field *field)
{
	unsigned int index = field->cmd - CMD_FIRST;
	uint8_t good[FIELD_SIZE];

	if (field->cmd < CMD_FIRST || index >= gen->fields || field->len != FIELD_SIZE) {
		gen->bad++;
		return;
	}
	memcpy(&session->fields[index], field->value, 8);
	make_field(session->fields[index], index, good);
	gen->bad += memcmp(good, field->value, FIELD_SIZE) != 0;
}

static void on_record(void *arg, const struct srp_session_record *record)
{
	struct generator *gen = arg;
	struct session session = {0};

	gen->given++;
	if (record->macro_len != gen->size || record->lifetime != gen->lifetime) {
		gen->bad++;
		return;
	}
	memcpy(&session.id, record->macro, 8);
	memcpy(&session.macro, (const uint8_t *)record->macro + 8, 8);
	if (call_id(gen, session.id) != record->call_id || !macro_is_good(gen, &session, record->macro))
		gen->bad++;
	for (size_t i = 0; i < record->field_count; i++)
		take_field(gen, &session, &record->fields[i]);
	*slot_of(gen, session.id) = session;
	if (session.id >= gen->next_id)
		gen->next_id = session.id + 1;
}

static void on_field(void *arg, uint64_t call, const struct srp_session_field *field)
{
	struct generator *gen = arg;

	take_field(gen, slot_of(gen, call & 0xffffffffffffu), field);
}

static void on_gone(void *arg, uint64_t call)
{
	struct generator *gen = arg;
	struct session *session = slot_of(gen, call & 0xffffffffffffu);

	if (session->id == (call & 0xffffffffffffu))
		session->id = 0;
}

static void on_restored(void *arg, uint64_t calls)
{
	struct generator *gen = arg;
	uint64_t value = 0;

	(void)calls;
	gen->restored = gen->has = true;
	gen->count = 0;
	gen->end_at = UINT64_MAX;
	for (uint64_t i = 0; i < gen->slots; i++) {
		const struct session *session = &gen->table[i];

		if (!session->id)
			continue;
		gen->count++;
		if (session->id < gen->end_at)
			gen->end_at = session->id;
		for (unsigned int f = 0; f < gen->fields; f++)
			value = session->fields[f] > value ? session->fields[f] : value;
	}
	if (!gen->count)
		gen->end_at = gen->next_id;
	gen->value = value + 1;
	report(gen, "restored");
}

static void on_send_all(void *arg)
{
	struct generator *gen = arg;

	gen->all_from = 0;
}

static void on_flush(void *arg, uint32_t order, enum srp_session_flush what)
{
	struct generator *gen = arg;

	gen->order = order;
	gen->order_due = true;
	if (what == SRP_SESSION_FLUSH_ALL)
		gen->frozen = true;
}

static void on_accounting(void *arg, uint64_t call, const struct srp_session_field *field)
{
	struct generator *gen = arg;

	(void)call;
	(void)field;
	gen->late++;
}

static void on_refused(void *arg, uint64_t call, enum srp_session_refusal why)
{
	struct generator *gen = arg;

	(void)call;
	(void)why;
	gen->refused++;
}

/* --- what it does -------------------------------------------------------------------------- */

static bool put_session(struct generator *gen, const struct session *session)
{
	uint8_t macro[SIZE_MAX_], values[FIELDS_MAX][FIELD_SIZE];
	struct srp_session_field fields[FIELDS_MAX];

	make_macro(gen, session, macro);
	for (unsigned int i = 0; i < gen->fields; i++) {
		make_field(session->fields[i], i, values[i]);
		fields[i] = (struct srp_session_field){.cmd = (uint8_t)(CMD_FIRST + i),
						       .len = FIELD_SIZE,
						       .value = values[i]};
	}
	return srp_session_put(gen->session, &(struct srp_session_record){
						     .call_id = call_id(gen, session->id),
						     .ims = session->id % 100 < gen->ims,
						     .lifetime = gen->lifetime,
						     .age = gen->age,
						     .macro = macro,
						     .macro_len = gen->size,
						     .fields = fields,
						     .field_count = gen->fields,
					     }) == 0;
}

static bool arrive(struct generator *gen)
{
	struct session session = {.id = gen->next_id, .macro = ++gen->value};

	for (unsigned int i = 0; i < gen->fields; i++)
		session.fields[i] = gen->value;
	if (!put_session(gen, &session))
		return false;
	*slot_of(gen, session.id) = session;
	gen->next_id++;
	gen->count++;
	return true;
}

static bool leave(struct generator *gen)
{
	while (gen->end_at < gen->next_id && slot_of(gen, gen->end_at)->id != gen->end_at)
		gen->end_at++;
	if (gen->end_at >= gen->next_id)
		return true;
	if (srp_session_delete(gen->session, call_id(gen, gen->end_at)) < 0)
		return false;
	slot_of(gen, gen->end_at)->id = 0;
	gen->end_at++;
	gen->count--;
	return true;
}

/* Some session, some field. */
static bool update(struct generator *gen)
{
	uint64_t random = mix(++gen->update_at);
	struct session *session = &gen->table[random % gen->slots];
	unsigned int index = (unsigned int)(random >> 40) % gen->fields;
	uint8_t value[FIELD_SIZE];

	if (!session->id)
		return true;
	make_field(++gen->value, index, value);
	if (srp_session_put_field(gen->session, call_id(gen, session->id), (uint8_t)(CMD_FIRST + index),
				  value, FIELD_SIZE) < 0)
		return false;
	session->fields[index] = gen->value;
	return true;
}

/* False: the connection takes no more now. */
static bool work(struct generator *gen, double seconds)
{
	bool sending_all = gen->all_from < gen->slots;

	for (; gen->all_from < gen->slots; gen->all_from++)
		if (gen->table[gen->all_from].id && !put_session(gen, &gen->table[gen->all_from]))
			return false;
	if (sending_all) {
		if (srp_session_all_sent(gen->session) < 0)
			return false;
		on_restored(gen, 0);
	}
	if (gen->order_due && srp_session_flushed(gen->session, gen->order) == 0)
		gen->order_due = false;
	if (!gen->serves || !gen->restored || !gen->running || gen->frozen)
		return true;
	for (int burst = 0; gen->count < gen->wanted && burst < 20000; burst++)
		if (!arrive(gen))
			return false;
	gen->update_credit += seconds * (double)gen->updates;
	gen->arrival_credit += seconds * (double)gen->arrivals;
	for (; gen->arrival_credit >= 1; gen->arrival_credit--)
		if (!leave(gen) || !arrive(gen))
			return false;
	for (int burst = 0; gen->updates < 0 && burst < 20000; burst++)
		if (!update(gen))
			return false;
	for (; gen->update_credit >= 1; gen->update_credit--)
		if (!update(gen))
			return false;
	return true;
}

static bool command(struct generator *gen)
{
	char line[64];

	if (!fgets(line, sizeof(line), stdin) || strncmp(line, "quit", 4) == 0)
		return false;
	if (strncmp(line, "stop", 4) == 0)
		gen->running = false;
	if (strncmp(line, "go", 2) == 0)
		gen->running = true;
	report(gen, "report");
	return true;
}

static int run(struct generator *gen)
{
	uint64_t before = now_nsec(), connect_at = 0;
	bool busy = false;

	for (;;) {
		struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
					{.fd = srp_session_fd(gen->session)}};
		uint64_t now;

		fds[1].events = srp_session_events(gen->session);
		poll(fds, fds[1].fd < 0 ? 1 : 2,
		     busy || fds[1].fd < 0           ? 100
		     : gen->updates || gen->arrivals ? 1
						     : 100);
		if ((fds[0].revents & (POLLIN | POLLHUP)) && !command(gen))
			return 0;
		now = now_nsec();
		if (srp_session_fd(gen->session) < 0) {
			if (now < connect_at)
				continue;
			connect_at = now + 100000000u;
			gen->serves = gen->ready = false;
			gen->all_from = gen->slots;
			gen->order_due = false;
			if (srp_session_connect(gen->session, gen->has) == 0) {
				report(gen, "connected");
				/* It will say again what it knows of us. */
				gen->restored = gen->has;
			}
			continue;
		}
		if (srp_session_dispatch(gen->session) < 0) {
			printf("{\"event\": \"lost\", \"why\": \"%s\"}\n", srp_session_error(gen->session));
			fflush(stdout);
			continue;
		}
		busy = !work(gen, (double)(now - before) / 1e9);
		before = now;
		if (srp_session_fd(gen->session) >= 0 && !busy)
			srp_session_dispatch(gen->session);
	}
}

int main(int argc, char **argv)
{
	struct generator gen = {
		.instance = 1, .fields = 4, .size = 236, .wanted = 1000, .next_id = 1, .end_at = 1};
	struct srp_session_micro micros[FIELDS_MAX];
	struct srp_session_options options = {0};
	char names[FIELDS_MAX][16];
	int option;

	gen.running = true;
	while ((option = getopt(argc, argv, "p:i:n:z:f:u:a:I:l:g:H")) != -1) {
		long long number = optarg ? strtoll(optarg, NULL, 10) : 0;

		switch (option) {
		case 'p':
			options.path = optarg;
			break;
		case 'i':
			gen.instance = (unsigned int)number;
			break;
		case 'n':
			gen.wanted = (uint64_t)number;
			break;
		case 'z':
			gen.size = (size_t)number;
			break;
		case 'f':
			gen.fields = (unsigned int)number;
			break;
		case 'u':
			gen.updates = number;
			break;
		case 'a':
			gen.arrivals = number;
			break;
		case 'I':
			gen.ims = (unsigned int)number;
			break;
		case 'l':
			gen.lifetime = (uint32_t)number;
			break;
		case 'g':
			gen.age = (uint32_t)number;
			break;
		case 'H':
			options.hot = gen.hot = true;
			break;
		default:
			return 2;
		}
	}
	if (gen.size < 16 || gen.size > SIZE_MAX_ || gen.fields < 1 || gen.fields > FIELDS_MAX ||
	    !gen.wanted) {
		fprintf(stderr, "sessgen: size 16..%d, fields 1..%d, sessions from 1\n", SIZE_MAX_,
			FIELDS_MAX);
		return 2;
	}
	gen.slots = gen.wanted + gen.wanted / 4 + 16;
	gen.all_from = gen.slots;
	gen.table = calloc(gen.slots, sizeof(*gen.table));
	for (unsigned int i = 0; i < gen.fields; i++) {
		snprintf(names[i], sizeof(names[i]), "COUNTER_%u", i);
		micros[i] = (struct srp_session_micro){.cmd = (uint8_t)(CMD_FIRST + i),
						       .accounting = true,
						       .name = names[i]};
	}
	options.instance = (uint16_t)gen.instance;
	options.name = "sessgen";
	options.macro_name = "FULL";
	options.micros = micros;
	options.micro_count = gen.fields;
	options.callbacks = (struct srp_session_callbacks){
		.status = on_status,
		.record = on_record,
		.field = on_field,
		.gone = on_gone,
		.restored = on_restored,
		.send_all = on_send_all,
		.flush = on_flush,
		.accounting = on_accounting,
		.refused = on_refused,
		.arg = &gen,
	};
	gen.session = srp_session_new(&options);
	if (!gen.table || !gen.session) {
		fprintf(stderr, "sessgen: %s\n", strerror(errno));
		return 1;
	}
	return run(&gen);
}
