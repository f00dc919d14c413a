# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Roots of Debian releases (tests/debian-root) as tests/packages/check uses them: nothing writes to one, a folder over it
# (overlayfs) takes what a test changes.

# In a mount namespace of its own: BASE with OVER's changes is mounted at OVER/root, with /proc, /run, /tmp and this
# machine's names of hosts.
# shellcheck disable=SC2016 # for the shell inside
root_mount='
	base=$1 over=$2
	shift 2
	mkdir -p "$over/upper" "$over/work" "$over/root"
	R=$over/root
	mount -t overlay overlay -o "lowerdir=$base,upperdir=$over/upper,workdir=$over/work" "$R"
	for file in resolv.conf hosts; do
		[ ! -e "/etc/$file" ] || cat "/etc/$file" > "$R/etc/$file"
	done
	mount -t proc proc "$R/proc"
	mount -t tmpfs -o mode=755 tmpfs "$R/run"
	mount -t tmpfs tmpfs "$R/tmp"
'
# shellcheck disable=SC2016
root_pivot='cd "$R"; pivot_root . mnt; umount -l /mnt'

# root_run BASE OVER COMMAND...: run it there, in this machine's network.
root_run() {
	unshare --mount --propagation private --pid --fork --kill-child sh -ec "$root_mount"'
		mount --rbind /sys "$R/sys"
		mount --rbind /dev "$R/dev"
		'"$root_pivot"'
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' \
		sh "$@" < /dev/null
}

# root_boot BASE OVER: systemd as process 1 there, in a network of its own (lo alone), until root_halt. It needs the
# unified hierarchy of control groups, not its controllers.
root_boot() {
	root_group=$2/cgroup
	mkdir -p "$root_group"
	mount -t cgroup2 cgroup2 "$root_group" || return 1
	root_group=$root_group/srpd-packages-$$
	mkdir "$root_group" || return 1
	# The outer shell moves itself, so that the control group's namespace begins there.
	# shellcheck disable=SC2016
	sh -c 'echo $$ > "$1/cgroup.procs" && shift && exec setpriv --pdeathsig KILL "$@"' sh "$root_group" \
		unshare --mount --propagation private --pid --fork --kill-child --net --uts --ipc --cgroup sh -ec "$root_mount"'
		mount -t sysfs -o ro sysfs "$R/sys"
		mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
		mount -t tmpfs -o mode=755 tmpfs "$R/dev"
		for node in null zero full random urandom tty; do
			touch "$R/dev/$node"
			mount --bind "/dev/$node" "$R/dev/$node"
		done
		mkdir "$R/dev/pts" "$R/dev/shm"
		mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$R/dev/pts"
		ln -s pts/ptmx "$R/dev/ptmx"
		ln -s /proc/self/fd "$R/dev/fd"
		'"$root_pivot"'
		exec env -i container=srpd-packages PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd' \
		sh "$1" "$2" < /dev/null > "$2/boot.log" 2>&1 &
	root_unshare=$!
	root_init=
	for _ in $(seq 100); do
		root_init=$(cat "/proc/$root_unshare/task/$root_unshare/children" 2> /dev/null) || break
		root_init=${root_init%% *}
		[ -z "$root_init" ] || ! grep -qs '^systemd$' "/proc/$root_init/comm" || break
		sleep 0.1
	done
	[ -n "$root_init" ] && grep -qs '^systemd$' "/proc/$root_init/comm"
}

# root_in COMMAND...: run it in the root that is booted.
root_in() {
	nsenter --target "$root_init" --mount --pid --net --uts --ipc --cgroup -- \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" < /dev/null
}

# root_halt: end what root_boot began; everything in it dies with its process 1.
root_halt() {
	[ -z "${root_unshare:-}" ] || kill -KILL "$root_unshare" 2> /dev/null || :
	[ -z "${root_unshare:-}" ] || wait "$root_unshare" 2> /dev/null || :
	root_unshare=
	[ -n "${root_group:-}" ] && [ -d "$root_group" ] || return 0
	for _ in $(seq 100); do
		# From the innermost out; what just died may still be in one.
		find "$root_group" -depth -type d -exec rmdir {} + 2> /dev/null && break
		sleep 0.1
	done
	umount "${root_group%/*}"
	root_group=
}
