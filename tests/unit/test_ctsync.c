/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srp-ctsync on two chassis, each with a kernel and an srpd that are models: flows come, change and end, events are lost,
 * requests fail, processes restart, roles change. Once all is quiet both kernels have the same flows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the four above it */
#include <cmocka.h>

#include "netlink/ctsync.h"

#define FLOWS   60 /* keys there are; a bit each below */
#define EVENTS  512
#define RECORDS 64

/* An entry of a kernel. */
struct entry {
	bool there;
	struct flow flow;
	uint32_t timeout;
};

struct chassis {
	struct ctsync ctsync;
	struct entry kernel[FLOWS];
	struct conntrack_event events[EVENTS];
	unsigned int event_count;
	bool lost, hot;
	/* srpd's store. */
	struct {
		bool there;
		uint64_t call_id;
		uint8_t macro[FLOW_MACRO_MAX], state[FLOW_STATE_SIZE];
		size_t len;
		bool has_state, changed;
	} store[FLOWS];
	unsigned int room; /* puts that srpd takes now */
	bool all_sent, flushed;
	bool stale[FLOWS];
	struct chassis *peer;
};

static struct chassis chassis[2];
static uint32_t random_state;

static uint32_t rnd(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static struct flow make(unsigned int number)
{
	struct flow flow = {.key = {.family = AF_INET, .proto = number % 3 ? IPPROTO_TCP : IPPROTO_UDP}};
	uint32_t address = htonl(0x0a640000u + number);

	memcpy(flow.key.orig.src, &address, 4);
	memcpy(flow.key.orig.dst, "\xcb\x00\x71\x0a", 4);
	flow.key.orig.sport = htons((uint16_t)(1000 + number));
	flow.key.orig.dport = htons(80);
	flow_invert(&flow.key, &flow.reply);
	flow.status = IPS_ASSURED | IPS_SEEN_REPLY;
	if (number % 2) {
		flow.status |= IPS_SRC_NAT;
		memcpy(flow.reply.dst, "\xac\x11\x01\x01", 4);
	}
	if (flow.key.proto == IPPROTO_TCP)
		flow.state = TCP_CONNTRACK_ESTABLISHED;
	flow.timeout = flow.key.proto == IPPROTO_TCP ? 432000 : 120;
	return flow;
}

static unsigned int index_of(const struct flow_key *key)
{
	return (unsigned int)ntohs(key->orig.sport) - 1000;
}

/* --- the kernel ---------------------------------------------------------------------------- */

static void tell(struct chassis *c, enum conntrack_event_type type, const struct flow *flow)
{
	if (c->event_count == EVENTS || rnd(200) == 0) {
		c->lost = true;
		return;
	}
	c->events[c->event_count++] = (struct conntrack_event){.type = type,
							       .has_protoinfo = true,
							       .timeout = flow->timeout,
							       .flow = *flow};
}

static void kernel_flow(struct chassis *c, unsigned int number, const struct flow *flow)
{
	c->kernel[number] = (struct entry){.there = true, .flow = *flow, .timeout = flow->timeout};
	tell(c, CONNTRACK_FLOW, flow);
}

static void kernel_end(struct chassis *c, unsigned int number)
{
	c->kernel[number].there = false;
	tell(c, CONNTRACK_GONE, &c->kernel[number].flow);
}

/* What the requests of a batch do, and what they are answered. */
static void kernel_execute(struct chassis *c)
{
	struct ctsync *ctsync = &c->ctsync;

	for (unsigned int i = 0; i < ctsync->batch_count; i++) {
		const struct flow_entry *entry = flow_table_at(ctsync->table, ctsync->batch[i].number);
		struct entry *mine = &c->kernel[index_of(&entry->flow.key)];
		struct conntrack_event answer = {.type = CONNTRACK_ANSWER, .seq = ctsync->seq + i};
		uint32_t timeout = ctsync->batch[i].timeout;

		switch (ctsync->batch[i].request) {
		case CONNTRACK_CREATE:
			answer.error = mine->there ? EEXIST : 0;
			if (!mine->there)
				*mine = (struct entry){.there = true,
						       .flow = entry->flow,
						       .timeout = timeout};
			break;
		case CONNTRACK_UPDATE:
		case CONNTRACK_REFRESH:
			answer.error = mine->there ? 0 : ENOENT;
			if (!mine->there)
				break;
			mine->timeout = timeout;
			if (ctsync->batch[i].request == CONNTRACK_UPDATE)
				mine->flow.state = entry->flow.state;
			break;
		case CONNTRACK_DELETE:
			answer.error = mine->there ? 0 : ENOENT;
			mine->there = false;
			break;
		case CONNTRACK_GET:
			answer.error = mine->there ? 0 : ENOENT;
			if (mine->there) {
				answer = (struct conntrack_event){.type = CONNTRACK_FLOW,
								  .seq = answer.seq,
								  .has_protoinfo = true,
								  .timeout = mine->timeout,
								  .flow = mine->flow};
				answer.flow.timeout = mine->timeout;
			}
			break;
		}
		if (answer.error || answer.type == CONNTRACK_FLOW)
			ctsync_answer(ctsync, &answer);
	}
	ctsync_written(ctsync);
}

/* --- srpd ---------------------------------------------------------------------------------- */

static bool take(struct chassis *c)
{
	if (!c->room)
		return false;
	c->room--;
	return true;
}

static bool put(void *arg, uint64_t call_id, const struct flow *flow)
{
	struct chassis *c = arg;
	unsigned int number = index_of(&flow->key);

	if (!take(c))
		return false;
	c->store[number].there = c->store[number].changed = true;
	c->store[number].call_id = call_id;
	c->store[number].len = flow_encode(flow, c->store[number].macro);
	c->store[number].has_state = c->stale[number] = false;
	return true;
}

static bool put_state(void *arg, uint64_t call_id, const struct flow *flow)
{
	struct chassis *c = arg;
	unsigned int number = index_of(&flow->key);

	if (!take(c))
		return false;
	assert_true(c->store[number].there);
	assert_int_equal(c->store[number].call_id, call_id);
	flow_encode_state(flow, c->store[number].state);
	c->store[number].has_state = c->store[number].changed = true;
	return true;
}

static bool put_end(void *arg, uint64_t call_id)
{
	struct chassis *c = arg;

	if (!take(c))
		return false;
	for (unsigned int i = 0; i < FLOWS; i++) {
		if (!c->store[i].there || c->store[i].call_id != call_id)
			continue;
		c->store[i].there = false;
		c->store[i].changed = true;
	}
	return true;
}

static bool all_sent(void *arg)
{
	struct chassis *c = arg;

	for (unsigned int i = 0; i < FLOWS; i++) {
		if (!c->stale[i] || !c->store[i].there)
			continue;
		c->store[i].there = false;
		c->store[i].changed = true;
	}
	c->all_sent = true;
	return true;
}

static bool flushed(void *arg, uint32_t order)
{
	((struct chassis *)arg)->flushed = order == 7;
	return true;
}

static bool is_local(void *arg, uint8_t family, const uint8_t *addr)
{
	return false;
}

static void give(struct chassis *c, unsigned int i)
{
	assert_true(ctsync_record(&c->ctsync, c->store[i].call_id, c->store[i].macro, c->store[i].len,
				  c->store[i].has_state ? c->store[i].state : NULL, FLOW_STATE_SIZE));
}

/* All that changed at the one that serves goes to the other, and to its manager if that follows. */
static void replicate(struct chassis *from)
{
	struct chassis *to = from->peer;

	for (unsigned int i = 0; i < FLOWS; i++) {
		if (!from->store[i].changed)
			continue;
		from->store[i].changed = false;
		if (!from->store[i].there && to->hot)
			ctsync_gone(&to->ctsync, to->store[i].call_id);
		else if (from->store[i].there && to->store[i].there && to->hot && from->store[i].has_state &&
			 from->store[i].len == to->store[i].len &&
			 memcmp(from->store[i].macro, to->store[i].macro, to->store[i].len) == 0)
			ctsync_record_state(&to->ctsync, from->store[i].call_id, from->store[i].state,
					    FLOW_STATE_SIZE);
		to->store[i] = from->store[i];
		if (from->store[i].there && to->hot)
			give(to, i);
	}
}

static void give_all(struct chassis *c)
{
	ctsync_all_come(&c->ctsync);
	for (unsigned int i = 0; i < FLOWS; i++)
		if (c->store[i].there)
			give(c, i);
	ctsync_all_came(&c->ctsync);
}

/* --- the process --------------------------------------------------------------------------- */

static void dump(struct chassis *c)
{
	if (ctsync_dump_begin(&c->ctsync) == CTSYNC_DUMP_NONE)
		return;
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct conntrack_event event = {.type = CONNTRACK_FLOW, .has_protoinfo = true};

		/* One that is known is missed now and then, as when the kernel's table grows meanwhile. */
		if (!c->kernel[i].there ||
		    (rnd(50) == 0 &&
		     flow_table_find(c->ctsync.table, flow_call_id(&c->kernel[i].flow.key)) != FLOW_NONE))
			continue;
		event.flow = c->kernel[i].flow;
		event.flow.timeout = event.timeout = c->kernel[i].timeout;
		ctsync_dumped(&c->ctsync, &event);
	}
	ctsync_dump_end(&c->ctsync, rnd(10) != 0);
}

static void turn(struct chassis *c, unsigned int room)
{
	static uint8_t buf[65536] __attribute__((aligned(8)));

	dump(c);
	if (c->lost)
		ctsync_events_lost(&c->ctsync);
	c->lost = false;
	for (unsigned int i = 0; i < c->event_count; i++)
		if (c->ctsync.serves || c->events[i].type == CONNTRACK_GONE)
			ctsync_event(&c->ctsync, &c->events[i]);
	c->event_count = 0;
	ctsync_events_drained(&c->ctsync);
	if (ctsync_fill(&c->ctsync, buf, sizeof(buf)))
		kernel_execute(c);
	c->room = room;
	ctsync_put_some(&c->ctsync, room);
}

static void start(struct chassis *c)
{
	const struct ctsync_ops ops = {.put = put,
				       .put_state = put_state,
				       .put_end = put_end,
				       .all_sent = all_sent,
				       .flushed = flushed,
				       .is_local = is_local,
				       .arg = c};

	assert_true(ctsync_init(&c->ctsync, &ops, IPS_ASSURED, c->hot));
	/* The first dump is whole, sooner or later. */
	for (unsigned int i = 0; i < 50 && c->ctsync.dump_wanted != CTSYNC_DUMP_NONE; i++)
		dump(c);
}

static void restart(struct chassis *c, bool serves)
{
	ctsync_clear(&c->ctsync);
	start(c);
	ctsync_set_serves(&c->ctsync, serves);
	c->event_count = 0;
	if (!serves) {
		if (c->hot)
			give_all(c);
	} else if (c->ctsync.found) {
		for (unsigned int i = 0; i < FLOWS; i++)
			c->stale[i] = c->store[i].there;
		c->all_sent = false;
		ctsync_send_all(&c->ctsync);
		for (unsigned int i = 0; i < 100 && !c->all_sent; i++)
			turn(c, RECORDS);
		assert_true(c->all_sent);
	} else {
		give_all(c);
		ctsync_restored(&c->ctsync);
	}
}

/* The other one takes over; planned: with all that this one has. */
static struct chassis *switch_over(struct chassis *c, bool planned)
{
	struct chassis *to = c->peer;

	if (planned) {
		c->flushed = false;
		ctsync_flush(&c->ctsync, 7);
		for (unsigned int i = 0; i < 100 && !c->flushed; i++)
			turn(c, RECORDS);
		assert_true(c->flushed);
	}
	replicate(c);
	ctsync_set_serves(&to->ctsync, true);
	if (!to->hot)
		give_all(to);
	ctsync_restored(&to->ctsync);
	if (planned) {
		ctsync_set_serves(&c->ctsync, false);
	} else {
		/* It died, and came back empty. */
		memset(c->kernel, 0, sizeof(c->kernel));
		memset(c->store, 0, sizeof(c->store));
		restart(c, false);
	}
	for (unsigned int i = 0; i < FLOWS; i++) {
		c->store[i] = to->store[i];
		to->store[i].changed = false;
	}
	if (c->hot)
		give_all(c);
	return to;
}

static void step(struct chassis *c)
{
	unsigned int number = rnd(FLOWS);
	struct flow flow = make(number);
	struct entry *entry = &c->kernel[number];

	switch (rnd(8)) {
	case 0:
	case 1:
		if (!entry->there)
			kernel_flow(c, number, &flow);
		break;
	case 2:
		if (entry->there && flow.key.proto == IPPROTO_TCP) {
			flow.state = (uint8_t)(TCP_CONNTRACK_FIN_WAIT + rnd(4));
			flow.timeout = 120;
			kernel_flow(c, number, &flow);
		}
		break;
	case 3:
		if (entry->there && rnd(2)) {
			flow.mark = 1 + rnd(3);
			kernel_flow(c, number, &flow);
		}
		break;
	case 4:
		if (entry->there)
			kernel_end(c, number);
		break;
	case 5:
		/* Something else on the one that follows: other NAT under this key, or the entry goes. */
		number = rnd(FLOWS);
		if (rnd(2) && c->peer->kernel[number].there) {
			kernel_end(c->peer, number);
		} else if (!c->peer->kernel[number].there) {
			flow = make(number);
			flow.reply.dport ^= htons(5);
			flow.status |= IPS_SRC_NAT;
			kernel_flow(c->peer, number, &flow);
		}
		break;
	default:
		turn(c, rnd(20));
		if (rnd(3) == 0)
			replicate(c);
		turn(c->peer, 0);
		break;
	}
}

static void check(struct chassis *c)
{
	/* Until nothing is left to do. */
	for (unsigned int i = 0; i < 40; i++) {
		turn(c, RECORDS);
		replicate(c);
		turn(c->peer, 0);
	}
	for (unsigned int i = 0; i < FLOWS; i++) {
		const struct entry *mine = &c->kernel[i], *other = &c->peer->kernel[i];

		if (!mine->there || flow_is_over(&mine->flow)) {
			/* One that nobody told of is its own; one of ours is gone. */
			assert_false(c->store[i].there);
			assert_false(c->hot && other->there && other->timeout == CTSYNC_TIMEOUT_FOLLOWS);
			continue;
		}
		assert_true(c->store[i].there);
		assert_true(mine->timeout < CTSYNC_TIMEOUT_LEAST);
		if (!c->peer->hot)
			continue;
		assert_true(other->there);
		assert_int_equal(other->timeout, CTSYNC_TIMEOUT_FOLLOWS);
		assert_int_equal(other->flow.state, mine->flow.state);
		assert_memory_equal(&other->flow.reply, &mine->flow.reply, sizeof(mine->flow.reply));
	}
}

static void run(uint32_t seed, bool hot)
{
	struct chassis *serves = &chassis[0];

	random_state = seed;
	memset(chassis, 0, sizeof(chassis));
	for (unsigned int i = 0; i < 2; i++) {
		chassis[i].peer = &chassis[1 - i];
		chassis[i].hot = hot;
		start(&chassis[i]);
	}
	ctsync_set_serves(&serves->ctsync, true);
	ctsync_restored(&serves->ctsync);
	for (unsigned int i = 0; i < 3000; i++) {
		step(serves);
		switch (rnd(400)) {
		case 0:
			check(serves);
			serves = switch_over(serves, true);
			break;
		case 1:
			check(serves);
			serves = switch_over(serves, false);
			break;
		case 2:
			restart(serves, true);
			break;
		case 3:
			restart(serves->peer, false);
			break;
		case 4:
			check(serves);
			break;
		default:
			break;
		}
	}
	check(serves);
	for (unsigned int i = 0; i < 2; i++)
		ctsync_clear(&chassis[i].ctsync);
}

static unsigned int seeds(void)
{
	const char *text = getenv("SRPD_SEEDS");

	return text ? (unsigned int)strtoul(text, NULL, 10) : 40;
}

static void two_chassis_hot(void **state)
{
	for (uint32_t seed = 1; seed <= seeds(); seed++)
		run(seed, true);
}

static void two_chassis_on_activation(void **state)
{
	for (uint32_t seed = 1; seed <= seeds(); seed++)
		run(seed, false);
}

/* --- single rules -------------------------------------------------------------------------- */

static bool client_is_local(void *arg, uint8_t family, const uint8_t *addr)
{
	return memcmp(addr, "\x0a\x64\x00\x01", 4) == 0;
}

static void flows_of_the_host_itself_are_not_carried(void **state)
{
	struct chassis *c = &chassis[0];
	struct conntrack_event event = {.type = CONNTRACK_FLOW, .has_protoinfo = true};

	memset(chassis, 0, sizeof(chassis));
	start(c);
	c->ctsync.ops.is_local = client_is_local;
	ctsync_set_serves(&c->ctsync, true);
	event.flow = make(1);
	ctsync_event(&c->ctsync, &event);
	event.flow = make(2);
	ctsync_event(&c->ctsync, &event);
	/* To this host: it answers itself. */
	event.flow = make(3);
	memcpy(event.flow.reply.src, "\x0a\x64\x00\x01", 4);
	ctsync_event(&c->ctsync, &event);
	/* Not assured. */
	event.flow = make(4);
	event.flow.status = IPS_SEEN_REPLY;
	ctsync_event(&c->ctsync, &event);
	assert_int_equal(flow_table_count(c->ctsync.table), 1);
	ctsync_clear(&c->ctsync);
}

static void a_bad_record_is_refused(void **state)
{
	struct chassis *c = &chassis[0];
	struct flow flow = make(1);
	uint8_t macro[FLOW_MACRO_MAX];
	size_t len = flow_encode(&flow, macro);

	memset(chassis, 0, sizeof(chassis));
	c->hot = true;
	start(c);
	assert_false(ctsync_record(&c->ctsync, flow_call_id(&flow.key) + 1, macro, len, NULL, 0));
	assert_false(ctsync_record(&c->ctsync, flow_call_id(&flow.key), macro, len - 1, NULL, 0));
	assert_false(ctsync_record(&c->ctsync, flow_call_id(&flow.key), macro, len, "x", 1));
	assert_false(ctsync_record_state(&c->ctsync, 5, "xxxxx", 5));
	assert_int_equal(c->ctsync.stats.malformed, 3);
	assert_int_equal(flow_table_count(c->ctsync.table), 0);
	assert_true(ctsync_record(&c->ctsync, flow_call_id(&flow.key), macro, len, NULL, 0));
	ctsync_clear(&c->ctsync);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_of_the_host_itself_are_not_carried),
		cmocka_unit_test(a_bad_record_is_refused),
		cmocka_unit_test(two_chassis_hot),
		cmocka_unit_test(two_chassis_on_activation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
