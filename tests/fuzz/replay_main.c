/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over stored inputs, without a fuzzer: every file of the corpus folders named on the
 * command line, or of tests/fuzz/corpus/NAME for the program fuzz_NAME. `make check` links it to each target, so
 * that inputs that once crashed stay tested.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0) {
		perror(path);
		return 1;
	}
	rewind(file);
	data = malloc(size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) {
		perror(path);
		return 1;
	}
	fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return 0;
}

static int replay_folder(const char *path, unsigned int *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!dir) {
		perror(path);
		return 1;
	}
	while (!failed && (entry = readdir(dir))) {
		char file[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		failed = replay_file(file);
		(*count)++;
	}
	closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	const char *corpus = getenv("SRPD_CORPUS");
	const char *name = strrchr(argv[0], '/');
	unsigned int count = 0;
	char path[2048];

	for (int i = 1; i < argc; i++)
		if (replay_folder(argv[i], &count))
			return 1;
	if (argc == 1) {
		/* Under `make check`: the corpus named after the target, fuzz_NAME (libtool may prefix it). */
		name = name ? name + 1 : argv[0];
		name = strncmp(name, "lt-", 3) == 0 ? name + 3 : name;
		name = strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
		snprintf(path, sizeof(path), "%s/%s", corpus ? corpus : "tests/fuzz/corpus", name);
		if (replay_folder(path, &count))
			return 1;
	}
	printf("replayed %u inputs\n", count);
	return count ? 0 : 1;
}
