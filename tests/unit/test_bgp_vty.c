/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver without a module, against scripted daemons. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/bgp_vty.h"
#include "agent/poll_loop.h"
#include "agent/route_map.h"
#include "agent/unix_socket.h"
#include "tests/unit/bgp_vty_samples.h"
#include "tests/unit/temp_folder.h"

#define LIMIT 5000

static void the_route_map_has_an_entry_for_each_count(void **state)
{
	static const char begin[] =
		"route-map SRP permit 24501\n match metric 24501\n set as-path prepend 65001\nexit\n"
		"route-map SRP permit 24502\n match metric 24502\n set as-path prepend 65001 65001\nexit\n";
	char *text = srp_route_map_text("default", 24500, "65001"), last[40];

	assert_memory_equal(text, begin, strlen(begin));
	/* The last count that the protocol can come to, whatever the threshold, and no more. */
	snprintf(last, sizeof(last), "permit %d\n", 24500 + SRP_MODIFIER_MAX);
	assert_non_null(strstr(text, last));
	snprintf(last, sizeof(last), "permit %d\n", 24500 + SRP_MODIFIER_MAX + 1);
	assert_null(strstr(text, last));
	free(text);
	text = srp_route_map_text("red", 100, "1.0");
	assert_memory_equal(text, "route-map SRP-red permit 101\n", strlen("route-map SRP-red permit 101\n"));
	free(text);
	assert_true(srp_route_map_as_valid("65001"));
	assert_true(srp_route_map_as_valid("1.0"));
	for (const char *const *bad = (const char *const[]){"", "0", "0.0", "x", "65001 1", "4294967296",
							    "1.65536", "65536.1", "1.", ".1", "1.2.3", NULL};
	     *bad; bad++)
		assert_false(srp_route_map_as_valid(*bad));
}

/* --- the driver, with daemons of the test's own ---------------------------------------------- */

struct world;

/* A daemon that answers what it is told to. */
struct fake {
	struct world *world;
	int listener, fd;
	struct srp_watch *accepts, *reads;
	char line[512];
	size_t len;
	bool enabled;
	bool mute;   /* takes commands, and says nothing */
	bool owes;   /* a command it has not answered */
	pid_t owner; /* who listens; 0: this process */
	unsigned int closed;
};

struct world {
	struct srp_loop *loop;
	struct fake bgpd, zebra;
	struct bgp_driver *driver;
	const char *summary, *path, *clients;
	bool no_log;
	bool younger_zebra; /* its socket is another, later process' */
	int log;            /* our end of the live log, or -1 */
	unsigned int statuses, gone, silent, again, prefixes_asked;
	struct bgp_ipc_status last; /* peers do not outlive the call */
	bool first_up;              /* the first peer is established */
};

static void send_answer(struct fake *fake, const char *text, unsigned int result)
{
	char end[4] = {0, 0, 0, (char)result};

	assert_int_equal(send(fake->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	assert_int_equal(send(fake->fd, end, sizeof(end), MSG_NOSIGNAL), sizeof(end));
}

/* The result comes with the descriptor. */
static void send_log(struct fake *fake)
{
	char end[4] = {0}, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {.iov_base = end, .iov_len = sizeof(end)};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &ends[1], sizeof(int));
	assert_int_equal(sendmsg(fake->fd, &message, MSG_NOSIGNAL), sizeof(end));
	close(ends[1]);
	if (fake->world->log >= 0)
		close(fake->world->log);
	fake->world->log = ends[0];
}

static void answer(struct fake *fake)
{
	struct world *world = fake->world;

	fake->owes = false;
	fake->enabled |= strcmp(fake->line, "enable") == 0;
	if (!fake->enabled)
		send_answer(fake, "% Unknown command", 1);
	else if (strcmp(fake->line, "enable") == 0)
		send_answer(fake, "", 0);
	else if (strcmp(fake->line, "terminal monitor") == 0 && world->no_log)
		send_answer(fake, "% not supported\n", 1);
	else if (strcmp(fake->line, "terminal monitor") == 0)
		send_log(fake);
	else if (strcmp(fake->line, "show version") == 0)
		send_answer(fake, "FRRouting 8.4.4 (gw1) on Linux\n", 0);
	else if (strcmp(fake->line, "show bgp vrf all summary json") == 0)
		send_answer(fake, world->summary, 0);
	else if (strcmp(fake->line, "show zebra client") == 0)
		send_answer(fake, world->clients, 0);
	else if (strstr(fake->line, " unicast ") && ++world->prefixes_asked)
		send_answer(fake, world->path, 0);
	else
		fail_msg("asked for: %s", fake->line);
}

static void hang_up(struct fake *fake)
{
	if (fake->fd < 0)
		return;
	fake->world->loop->ops->unwatch(fake->reads);
	close(fake->fd);
	fake->fd = -1;
	fake->len = 0;
	fake->owes = fake->enabled = false;
	fake->closed++;
}

static void fake_reads(void *arg, int fd, unsigned int ready)
{
	struct fake *fake = arg;
	ssize_t got = recv(fd, fake->line + fake->len, sizeof(fake->line) - fake->len, MSG_DONTWAIT);

	(void)ready;
	if (got <= 0) {
		hang_up(fake);
		return;
	}
	fake->len += (size_t)got;
	if (fake->line[fake->len - 1])
		return;
	/* One command at a time. */
	assert_int_equal(strlen(fake->line) + 1, fake->len);
	assert_false(fake->owes);
	fake->len = 0;
	fake->owes = true;
	if (!fake->mute)
		answer(fake);
}

static void fake_accepts(void *arg, int fd, unsigned int ready)
{
	struct fake *fake = arg;

	(void)ready;
	hang_up(fake);
	fake->fd = accept(fd, NULL, NULL);
	assert_true(fake->fd >= 0);
	fake->reads =
		fake->world->loop->ops->watch(fake->world->loop, fake->fd, SRP_LOOP_READ, fake_reads, fake);
}

static void fake_start(struct world *world, struct fake *fake, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", temp_folder, name);
	*fake = (struct fake){.world = world, .fd = -1};
	fake->listener = srp_unix_listen(path, 0600, 4);
	assert_true(fake->listener >= 0);
	fake->accepts =
		world->loop->ops->watch(world->loop, fake->listener, SRP_LOOP_READ, fake_accepts, fake);
}

static void fake_stop(struct fake *fake)
{
	hang_up(fake);
	fake->world->loop->ops->unwatch(fake->accepts);
	close(fake->listener);
	if (fake->owner) {
		kill(fake->owner, SIGKILL);
		waitpid(fake->owner, NULL, 0);
	}
}

/* Who has called listen() last is whom SO_PEERCRED names. */
static void give_to_child(struct fake *fake)
{
	int ready[2];
	char byte;

	/* Who is started this much later was not started with the other. */
	poll_loop_for(fake->world->loop, 3200);
	assert_int_equal(pipe(ready), 0);
	fake->owner = fork();
	assert_true(fake->owner >= 0);
	if (fake->owner == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (listen(fake->listener, 4) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static void on_status(void *arg, const struct bgp_ipc_status *status)
{
	struct world *world = arg;

	world->statuses++;
	world->last = *status;
	world->first_up = false;
	for (size_t i = 0; i < status->peer_count; i++)
		if (status->peers[i].remote_as == 65002)
			world->first_up = status->peers[i].established;
	world->last.peers = NULL;
}

static void on_responding(void *arg, bool responding)
{
	struct world *world = arg;

	world->again += responding;
	world->silent += !responding;
}

static void on_gone(void *arg)
{
	((struct world *)arg)->gone++;
}

static void discard(enum srp_log_level level, const char *text)
{
	(void)level;
	(void)text;
}

static const struct srp_log quiet = {.write = discard};

static void world_start(struct world *world)
{
	world->loop = poll_loop_new();
	world->log = -1;
	if (!world->summary)
		world->summary = SUMMARY("Established");
	if (!world->path)
		world->path = PATH("65001 65001");
	if (!world->clients)
		world->clients = ZEBRA("3");
	fake_start(world, &world->bgpd, "bgpd.vty");
	fake_start(world, &world->zebra, "zebra.vty");
	if (world->younger_zebra)
		give_to_child(&world->zebra);
	world->driver = bgp_vty_new(world->loop, &quiet, temp_folder, 24500,
				    &(struct bgp_driver_callbacks){.status = on_status,
								   .responding = on_responding,
								   .gone = on_gone,
								   .arg = world});
}

static void world_end(struct world *world)
{
	world->driver->ops->free(world->driver);
	fake_stop(&world->bgpd);
	fake_stop(&world->zebra);
	if (world->log >= 0)
		close(world->log);
	poll_loop_free(world->loop);
}

static bool has_status(void *arg)
{
	return ((struct world *)arg)->statuses > 0;
}

static bool first_is_down(void *arg)
{
	return has_status(arg) && !((struct world *)arg)->first_up;
}

static bool first_is_up(void *arg)
{
	return ((struct world *)arg)->first_up;
}

static bool is_advertised(void *arg)
{
	struct world *world = arg;

	return world->last.advertised_generation &&
	       world->last.advertised_generation == world->last.applied_generation;
}

static bool is_withdrawn(void *arg)
{
	return ((struct world *)arg)->last.applied_prepend < 0;
}

static bool is_gone(void *arg)
{
	return ((struct world *)arg)->gone > 0;
}

static bool is_silent(void *arg)
{
	return ((struct world *)arg)->silent > 0;
}

static bool responds_again(void *arg)
{
	return ((struct world *)arg)->again > 0;
}

static bool bgpd_was_closed(void *arg)
{
	return ((struct world *)arg)->bgpd.closed > 0;
}

static bool zebra_is_lost(void *arg)
{
	return has_status(arg) && !((struct world *)arg)->last.zebra_connected;
}

static bool zebra_is_there(void *arg)
{
	return ((struct world *)arg)->last.zebra_connected;
}

static bool warns_of_a_restart(void *arg)
{
	return strstr(((struct world *)arg)->last.warning, "zebra has restarted and bgpd has not");
}

static void wait_until(struct world *world, bool (*done)(void *arg), unsigned int more)
{
	assert_true(poll_loop_until(world->loop, done, world, LIMIT + more));
}

static void bgpds_state_is_told(void **state)
{
	struct world world = {0};

	world_start(&world);
	wait_until(&world, has_status, 0);
	assert_string_equal(world.last.bgpd_version, "8.4.4");
	assert_int_equal(world.last.pid, getpid());
	assert_true(world.last.zebra_connected);
	assert_int_equal(world.last.peer_count, 3);
	assert_true(world.first_up);
	assert_int_equal(world.last.applied_prepend, -1);
	assert_int_equal(world.last.applied_generation, 0);
	assert_int_equal(world.last.witness_prefixes, -1);
	assert_true(world.driver->ops->connected(world.driver) &&
		    world.driver->ops->responding(world.driver));
	assert_string_equal(world.driver->ops->own_as(world.driver, "default"), "65001");
	/* Nothing new: nothing told, however often it is asked. */
	poll_loop_for(world.loop, 2 * BGP_VTY_POLL_MSEC + 200);
	assert_true(world.driver->ops->stats(world.driver)->statuses >= 3);
	assert_int_equal(world.statuses, 1);
	assert_int_equal(world.prefixes_asked, 0);
	world_end(&world);
}

/* Polls alone would ask once for each of these changes, as they ask once in each second that they take. */
static void a_session_that_changes_is_known_by_the_log(void **state)
{
	struct world world = {0};
	uint8_t frame[256];
	size_t len = log_frame(frame, sizeof(frame), "%ADJCHANGE: neighbor 10.1.1.2 in vrf default changed");
	uint64_t start, asked;

	world_start(&world);
	wait_until(&world, has_status, 0);
	start = world.loop->ops->now(world.loop);
	asked = world.driver->ops->stats(world.driver)->statuses;
	for (int i = 0; i < 6; i++) {
		world.summary = i % 2 ? SUMMARY("Established") : SUMMARY("Active");
		assert_int_equal(send(world.log, frame, len, MSG_NOSIGNAL), len);
		wait_until(&world, i % 2 ? first_is_up : first_is_down, 0);
		assert_string_equal(world.last.warning, "");
	}
	asked = world.driver->ops->stats(world.driver)->statuses - asked;
	assert_true(asked > (world.loop->ops->now(world.loop) - start) / BGP_VTY_POLL_MSEC + 3);
	world_end(&world);
}

static void without_a_word_in_the_log_it_is_polled_and_there_is_a_warning(void **state)
{
	struct world world = {0};
	uint8_t frame[256];
	size_t len = log_frame(frame, sizeof(frame), "%ADJCHANGE: neighbor 10.1.1.2 in vrf default Up");

	world_start(&world);
	wait_until(&world, has_status, 0);
	world.summary = SUMMARY("Active");
	wait_until(&world, first_is_down, 0);
	assert_non_null(strstr(world.last.warning, "bgp log-neighbor-changes"));
	world.summary = SUMMARY("Established");
	assert_int_equal(send(world.log, frame, len, MSG_NOSIGNAL), len);
	wait_until(&world, first_is_up, 0);
	assert_string_equal(world.last.warning, "");
	world_end(&world);
}

/* bgpd logs more than the socket holds: what is lost is counted in the next frame. */
static void what_the_live_log_has_lost_is_no_fault_of_bgpds(void **state)
{
	struct world world = {0};
	uint8_t frame[256];
	size_t len = log_frame(frame, sizeof(frame), "something else");

	world_start(&world);
	wait_until(&world, has_status, 0);
	frame[32] = frame[35] = 1;
	world.summary = SUMMARY("Active");
	assert_int_equal(send(world.log, frame, len, MSG_NOSIGNAL), len);
	wait_until(&world, first_is_down, 0);
	assert_string_equal(world.last.warning, "");
	world_end(&world);
}

/* One odd answer about a prefix is not known, and all else goes on. */
static void nonsense_about_a_prefix_costs_no_connection(void **state)
{
	struct bgp_ipc_policy policy = policy_of(7, false);
	struct world world = {.path = "{\"paths\":"};

	world_start(&world);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	world.driver->ops->in_kernel(world.driver, 7);
	wait_until(&world, has_status, 0);
	poll_loop_for(world.loop, 300);
	assert_true(world.prefixes_asked > 2);
	assert_int_equal(world.last.advertised_generation, 0);
	assert_false(is_withdrawn(&world));
	assert_int_equal(world.bgpd.closed, 0);
	world.path = "{}";
	wait_until(&world, is_withdrawn, 0);
	world_end(&world);
}

static void what_was_left_out_is_told(void **state)
{
	struct world world = {.summary = "{\"default\":{\"ipv4Unicast\":{\"as\":1,\"peers\":{\"odd\":{}}}}}"};

	world_start(&world);
	wait_until(&world, has_status, 0);
	assert_non_null(strstr(world.last.error, "left out, one of them odd"));
	assert_int_equal(world.bgpd.closed, 0);
	world_end(&world);
}

static void without_a_live_log_it_polls(void **state)
{
	struct world world = {.no_log = true};

	world_start(&world);
	wait_until(&world, has_status, 0);
	world.summary = SUMMARY("Active");
	wait_until(&world, first_is_down, 0);
	world_end(&world);
}

static void a_live_log_that_ends_or_says_nonsense_is_made_up_for(void **state)
{
	struct world world = {0};

	world_start(&world);
	wait_until(&world, has_status, 0);
	world.summary = SUMMARY("Active");
	assert_int_equal(send(world.log, "junk", 4, MSG_NOSIGNAL), 4);
	wait_until(&world, first_is_down, 0);
	close(world.log);
	world.log = -1;
	world.summary = SUMMARY("Established");
	wait_until(&world, first_is_up, 0);
	assert_true(world.log >= 0);
	assert_int_equal(world.gone, 0);
	world_end(&world);
}

static void a_policy_is_applied_with_the_kernel_and_advertised_when_bgpd_has_it(void **state)
{
	struct bgp_ipc_policy policy = policy_of(7, true);
	struct world world = {.path = "{}"};

	world_start(&world);
	wait_until(&world, has_status, 0);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	poll_loop_for(world.loop, 200);
	assert_int_equal(world.prefixes_asked, 0);
	assert_int_equal(world.last.applied_generation, 0);
	world.driver->ops->in_kernel(world.driver, 6);
	assert_int_equal(world.last.applied_generation, 0);
	world.driver->ops->in_kernel(world.driver, 7);
	assert_int_equal(world.last.desired_generation, 7);
	assert_int_equal(world.last.applied_generation, 7);
	assert_int_equal(world.last.applied_prepend, 2);
	poll_loop_for(world.loop, 300);
	assert_true(world.prefixes_asked > 2);
	assert_int_equal(world.last.advertised_generation, 0);
	world.path = PATH("65001 65001 65001");
	poll_loop_for(world.loop, 300);
	assert_int_equal(world.last.advertised_generation, 0);
	world.path = PATH("65001 65001");
	wait_until(&world, is_advertised, 0);
	assert_int_equal(world.last.advertised_prepend, 2);
	assert_int_equal(world.last.advertised_paths, 2);
	assert_int_equal(world.last.mismatched_paths, 0);

	/* Withdrawn it is when bgpd has no path of ours any more, not before. */
	policy = policy_of(8, false);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	world.driver->ops->in_kernel(world.driver, 8);
	assert_int_equal(world.last.applied_generation, 8);
	poll_loop_for(world.loop, 300);
	assert_int_equal(world.last.applied_prepend, 2);
	world.path = "{\n}\n";
	wait_until(&world, is_withdrawn, 0);
	assert_int_equal(world.last.advertised_generation, 8);
	world_end(&world);
}

static void a_silent_bgpd_hangs_and_one_that_ends_is_gone(void **state)
{
	struct world world = {0};

	world_start(&world);
	wait_until(&world, has_status, 0);
	world.bgpd.mute = true;
	wait_until(&world, is_silent, BGP_VTY_SILENT_MSEC + BGP_VTY_POLL_MSEC);
	assert_false(world.driver->ops->responding(world.driver));
	assert_true(world.driver->ops->connected(world.driver));
	world.bgpd.mute = false;
	answer(&world.bgpd);
	wait_until(&world, responds_again, 0);
	assert_true(world.driver->ops->responding(world.driver));

	hang_up(&world.bgpd);
	wait_until(&world, is_gone, 0);
	assert_false(world.driver->ops->hung(world.driver));
	world.statuses = 0;
	wait_until(&world, has_status, 0);
	assert_int_equal(world.gone, 1);
	assert_int_equal(world.driver->ops->stats(world.driver)->connects, 2);
	world_end(&world);
}

static void nonsense_costs_bgpd_its_connection(void **state)
{
	struct world world = {.summary = "{\"default\":"};

	world_start(&world);
	wait_until(&world, bgpd_was_closed, 0);
	assert_int_equal(world.statuses, 0);
	assert_int_equal(world.gone, 0);
	assert_true(world.driver->ops->stats(world.driver)->refused_frames > 0);
	/* Not ten times a second: 0.2, 0.4, 0.8 s and so on. */
	world.bgpd.closed = 0;
	poll_loop_for(world.loop, 1500);
	assert_in_range(world.bgpd.closed, 1, 4);
	world.summary = SUMMARY("Established");
	wait_until(&world, has_status, 0);
	world_end(&world);
}

static void a_bgpd_that_zebra_tells_nothing_is_without_zebra(void **state)
{
	struct world world = {.clients = ZEBRA("0"), .path = "{}"};
	struct bgp_ipc_policy policy = policy_of(7, true);

	/* A Standby with pools only gives zebra nothing to tell. */
	world_start(&world);
	wait_until(&world, has_status, 0);
	poll_loop_for(world.loop, BGP_VTY_POLL_MSEC + 200);
	assert_true(world.last.zebra_connected);
	/* But what is announced, it should be told. */
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	world.driver->ops->in_kernel(world.driver, 7);
	assert_true(world.last.zebra_connected);
	wait_until(&world, zebra_is_lost, 0);
	assert_non_null(strstr(world.last.warning, "hears no route"));
	/* No way out of it is to hand over. */
	policy = policy_of(8, false);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	world.driver->ops->in_kernel(world.driver, 8);
	poll_loop_for(world.loop, BGP_VTY_POLL_MSEC + 200);
	assert_false(world.last.zebra_connected);
	world.clients = ZEBRA("1");
	wait_until(&world, zebra_is_there, 0);
	fake_stop(&world.zebra);
	wait_until(&world, zebra_is_lost, 0);
	fake_start(&world, &world.zebra, "zebra.vty");
	world_end(&world);
}

/* What does not come from zebra does not make it deaf either. */
static void a_bgpd_that_has_our_prefixes_from_elsewhere_is_not_deaf(void **state)
{
	struct world world = {.clients = ZEBRA("0")};
	struct bgp_ipc_policy policy = policy_of(7, true);

	world_start(&world);
	wait_until(&world, has_status, 0);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	world.driver->ops->in_kernel(world.driver, 7);
	poll_loop_for(world.loop, 4500);
	assert_true(world.last.zebra_connected);
	world_end(&world);
}

static void a_zebra_younger_than_bgpd_was_asked_for_no_routes(void **state)
{
	struct world world = {.clients = ZEBRA("0"), .younger_zebra = true};

	world_start(&world);
	wait_until(&world, zebra_is_lost, 0);
	wait_until(&world, warns_of_a_restart, 0);
	/* Asked since. */
	world.clients = ZEBRA("1");
	wait_until(&world, zebra_is_there, 0);
	world_end(&world);
}

/* One object that the kernel refuses, and the set is never in the kernel: what bgpd had is gone all the same. */
static void withdrawn_does_not_wait_for_what_the_kernel_refuses(void **state)
{
	struct bgp_ipc_policy policy = policy_of(7, true);
	struct world world = {0};

	world_start(&world);
	wait_until(&world, has_status, 0);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	world.driver->ops->in_kernel(world.driver, 7);
	wait_until(&world, is_advertised, 0);
	policy = policy_of(8, false);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	poll_loop_for(world.loop, 400);
	assert_int_equal(world.last.desired_generation, 8);
	assert_int_equal(world.last.applied_prepend, 2);
	world.path = "{}";
	wait_until(&world, is_withdrawn, 0);
	assert_int_equal(world.last.applied_generation, 7);
	assert_int_equal(world.last.advertised_generation, 0);
	world.driver->ops->in_kernel(world.driver, 8);
	wait_until(&world, is_advertised, 0);
	assert_true(is_withdrawn(&world));
	world_end(&world);
}

/* srpd may have come while bgpd announces; and bgpd may have come again. */
static void withdrawn_is_said_only_when_looked_for(void **state)
{
	struct bgp_ipc_policy policy = policy_of(1, false);
	struct world world = {0};

	world_start(&world);
	assert_true(world.driver->ops->set_policy(world.driver, &policy));
	wait_until(&world, has_status, 0);
	world.driver->ops->in_kernel(world.driver, 1);
	assert_int_equal(world.last.applied_generation, 1);
	assert_int_equal(world.last.applied_prepend, 0);
	poll_loop_for(world.loop, 400);
	assert_int_equal(world.last.applied_prepend, 0);
	world.path = "{}";
	wait_until(&world, is_withdrawn, 0);
	world.path = PATH("65001 65001");
	hang_up(&world.bgpd);
	wait_until(&world, is_gone, 0);
	world.statuses = 0;
	wait_until(&world, has_status, 0);
	assert_int_equal(world.last.applied_prepend, 0);
	world_end(&world);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, temp_folder_make, temp_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_route_map_has_an_entry_for_each_count),
		IN_FOLDER(bgpds_state_is_told),
		IN_FOLDER(a_session_that_changes_is_known_by_the_log),
		IN_FOLDER(without_a_word_in_the_log_it_is_polled_and_there_is_a_warning),
		IN_FOLDER(what_the_live_log_has_lost_is_no_fault_of_bgpds),
		IN_FOLDER(nonsense_about_a_prefix_costs_no_connection),
		IN_FOLDER(what_was_left_out_is_told),
		IN_FOLDER(without_a_live_log_it_polls),
		IN_FOLDER(a_live_log_that_ends_or_says_nonsense_is_made_up_for),
		IN_FOLDER(a_policy_is_applied_with_the_kernel_and_advertised_when_bgpd_has_it),
		IN_FOLDER(a_silent_bgpd_hangs_and_one_that_ends_is_gone),
		IN_FOLDER(nonsense_costs_bgpd_its_connection),
		IN_FOLDER(a_bgpd_that_zebra_tells_nothing_is_without_zebra),
		IN_FOLDER(a_bgpd_that_has_our_prefixes_from_elsewhere_is_not_deaf),
		IN_FOLDER(a_zebra_younger_than_bgpd_was_asked_for_no_routes),
		IN_FOLDER(withdrawn_does_not_wait_for_what_the_kernel_refuses),
		IN_FOLDER(withdrawn_is_said_only_when_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
