/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading srpd.conf: all of it is one transaction, and yet a bad line costs only itself.
 *
 * libfrr commits a file line by line, and each commit compares the whole configuration: thousands of pools
 * would keep srpd from its peer for a minute. So the lines of a file are collected here and committed
 * together at its end. When that is refused, the lines are halved and each half is tried, down to the single
 * line that is refused alone; it is logged with the reason, and the others are in force.
 *
 * Together also means that the order of lines that depend on each other (the intervals, the two addresses)
 * does not matter, as long as nothing is refused. When something is, the intervals might come into different
 * halves: so srp_nb_pre_validate() leaves them alone while a file is read, and they are judged at the end.
 * So are the switchover options.
 */
#include "frr-integration/srp_nb.h"

#include "command.h"
#include "lib_errors.h"
#include "log.h"
#include "northbound_cli.h"

#include "frr-integration/srp_check.h"
#include "frr-integration/srp_loop.h"

DEFINE_MTYPE_STATIC(SRPD, SRP_FILE_LINE, "Line of srpd.conf");

#define LINES_MAX 8192 /* committed together; a longer file is read in parts */
#define EDITS_MAX 6    /* of one command; a pool has 5 */

struct edit {
	enum nb_operation operation;
	char *xpath;
	char *value; /* NULL: none */
};

struct line {
	char *text;
	struct edit edits[EDITS_MAX];
	size_t edit_count;
};

static struct {
	bool reading;
	struct line *lines;
	size_t count;
} file;

bool srp_nb_reading(void)
{
	return file.reading;
}

static void line_clear(struct line *line)
{
	XFREE(MTYPE_SRP_FILE_LINE, line->text);
	for (size_t i = 0; i < line->edit_count; i++) {
		XFREE(MTYPE_SRP_FILE_LINE, line->edits[i].xpath);
		XFREE(MTYPE_SRP_FILE_LINE, line->edits[i].value);
	}
}

/* Commit lines first .. last - 1; on failure the candidate is again what runs, and `error` says why. */
static bool commit(size_t first, size_t last, char *error, size_t error_size)
{
	int rc = NB_OK;

	for (size_t i = first; rc == NB_OK && i < last; i++) {
		const struct line *line = &file.lines[i];

		for (size_t e = 0; rc == NB_OK && e < line->edit_count; e++) {
			const struct edit *edit = &line->edits[e];

			rc = srp_nb_edit(vty_shared_candidate_config, edit->operation, edit->xpath,
					 edit->value);
			if (rc == NB_ERR_NOT_FOUND && edit->operation == NB_OP_DESTROY)
				rc = NB_OK;
		}
	}
	snprintf(error, error_size, "%s", rc == NB_OK ? "" : "not in the model");
	if (rc == NB_OK)
		rc = srp_nb_commit(vty_shared_candidate_config, &file, "srpd.conf", error, error_size);
	if (rc == NB_OK || rc == NB_ERR_NO_CHANGES)
		return true;
	nb_config_replace(vty_shared_candidate_config, running_config, true);
	return false;
}

static void commit_halves(size_t first, size_t last)
{
	char error[BUFSIZ];

	if (first >= last || commit(first, last, error, sizeof(error)))
		return;
	if (last - first == 1) {
		flog_err(EC_LIB_VTY, "srpd.conf: \"%s\" is refused: %s", file.lines[first].text, error);
		return;
	}
	commit_halves(first, first + (last - first) / 2);
	commit_halves(first + (last - first) / 2, last);
}

void srp_nb_file_flush(void)
{
	commit_halves(0, file.count);
	for (size_t i = 0; i < file.count; i++)
		line_clear(&file.lines[i]);
	file.count = 0;
}

/* Keep the changes that a command has enqueued, with absolute paths. */
static void collect(struct vty *vty)
{
	const char *text = vty->buf ? vty->buf : "";
	struct line *line;

	if (file.count == LINES_MAX)
		srp_nb_file_flush();
	line = &file.lines[file.count++];
	memset(line, 0, sizeof(*line));
	line->text = XSTRDUP(MTYPE_SRP_FILE_LINE, text + strspn(text, " \t"));
	line->text[strcspn(line->text, "\r\n")] = '\0';
	assert(vty->num_cfg_changes <= EDITS_MAX);
	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		const SRP_CFG_CHANGE *change = &vty->cfg_changes[i];
		struct edit *edit = &line->edits[line->edit_count++];
		bool relative = change->xpath[0] == '.';
		char xpath[2 * XPATH_MAXLEN];

		snprintf(xpath, sizeof(xpath), "%s%s", relative ? VTY_CURR_XPATH : "",
			 change->xpath + relative);
		edit->operation = change->operation;
		edit->xpath = XSTRDUP(MTYPE_SRP_FILE_LINE, xpath);
		edit->value = change->value ? XSTRDUP(MTYPE_SRP_FILE_LINE, change->value) : NULL;
	}
}

int srp_nb_apply(struct vty *vty)
{
	if (!file.reading || vty->type != VTY_FILE)
		return nb_cli_apply_changes(vty, NULL);
	collect(vty);
	return CMD_SUCCESS;
}

void srp_nb_read_begin(void)
{
	file.reading = true;
	if (!file.lines)
		file.lines = XCALLOC(MTYPE_SRP_FILE_LINE, LINES_MAX * sizeof(*file.lines));
}

/* Set leaves to their defaults. */
static void set_defaults(const char *const *paths, size_t count)
{
	char error[BUFSIZ] = "";

	for (size_t i = 0; i < count; i++)
		srp_nb_remove(vty_shared_candidate_config, paths[i]);
	if (srp_nb_commit(vty_shared_candidate_config, &file, "defaults", error, sizeof(error)) != NB_OK)
		flog_err(EC_LIB_VTY, "the defaults are refused: %s", error);
}

/* Judge the whole of what was read by what srp_nb_pre_validate() has left alone. */
static void judge(void)
{
	/* Intervals that do not fit: the defaults win no election by a short dead-interval. */
	static const char *const timers[] = {
		SRP_NB_PROTOCOL "/timers/hello-interval",
		SRP_NB_PROTOCOL "/timers/dead-interval",
	};
	static const char *const early = SRP_NB_PROTOCOL "/switchover/allow-early-active-transition";
	char error[SRP_CHECK_ERROR_LEN];
	bool timers_fit, options_fit;
	struct srp_config config;

	srp_config_init(&config);
	if (!srp_nb_running(&config)) {
		srp_config_clear(&config);
		return;
	}
	timers_fit = srp_check_timers(&config, error, sizeof(error));
	if (!timers_fit)
		flog_err(EC_LIB_VTY, "srpd.conf: %s; both are set to their defaults", error);
	options_fit = srp_check_options(&config, error, sizeof(error));
	if (!options_fit)
		flog_err(EC_LIB_VTY, "srpd.conf: %s; it is not set", error);
	srp_config_clear(&config);
	if (!timers_fit)
		set_defaults(timers, array_size(timers));
	if (!options_fit)
		set_defaults(&early, 1);
}

void srp_nb_read_end(void)
{
	srp_nb_file_flush();
	XFREE(MTYPE_SRP_FILE_LINE, file.lines);
	judge();
	file.reading = false; /* only now: each of the two is repaired without a look at the other */
	srp_nb_note_change(); /* also when nothing was read: the agent starts with that */
}

bool srp_nb_clear(void)
{
	struct nb_config *empty = nb_config_new(NULL);
	char error[BUFSIZ] = "";
	int rc = srp_nb_commit(empty, &file, "empty configuration", error, sizeof(error));

	nb_config_free(empty);
	if (rc != NB_OK && rc != NB_ERR_NO_CHANGES) {
		flog_err(EC_LIB_VTY, "the configuration cannot be emptied: %s (%s)", nb_err_name(rc), error);
		return false;
	}
	nb_config_replace(vty_shared_candidate_config, running_config, true);
	return true;
}
