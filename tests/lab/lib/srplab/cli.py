# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands of ./lab.

  sudo ./lab demo               build all, run a pair through its failures, show what they cost
  sudo ./lab check [PATTERN...] build all, run the unit tests and the lab tests (PATTERN: `unit`, or of a test's name)
  sudo ./lab bench [NAME...]    build all, run the benchmarks (all, or of these names), write docs/benchmarks
  sudo ./lab build              only build
  sudo ./lab up [FILE]          bring a topology up (a containerlab file; default docker/two-router/srp.clab.yml)
  sudo ./lab exec NODE -- CMD   run a command in a node: ./lab exec gw1 -- vtysh -c 'show srp info'
  sudo ./lab cut NODE[:IF]      cut a node, or one of its links, at the switch (`heal`: undo)
  sudo ./lab down               take it down

  demo --plain-frr              the same failures with FRRouting alone, to compare
  demo --svg FILE               where the timeline goes
  check --long                  besides, the proofs of docs/simulation.md at full length: a million scenarios, more
                                states, every seeded bug; most of an hour
  check --frr VERSION           8.4, 10.3 or 10.7: in a root file system of the Debian that has this FRRouting, made by
                                debootstrap at the first time; with its compiler, libraries and daemons
  check --jobs N                so many lab tests at a time, 1 (default) to 8; some run by themselves all the same
  check --docker [PATTERN]      the failover tests, and those of the image, in containers of docker/Dockerfile; where no
                                engine runs, Debian's is started for as long
  demo, check, bench, up --no-build    use what is built as it is
  up, demo --name NAME          another name than the file's; exec, cut, heal, down --lab NAME when several are up

Node NODE of lab LAB is the network namespace LAB-NODE. SRPD_BUILD_DIR: build there instead of in build/.
Exit: 0, 1 when something failed, 2 for wrong usage, 77 when this machine cannot do it.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import build, clab, frr, topology
from .base import LabError, Skip


def _clean_start():
    topology.require_namespaces()
    for name in topology.remove_stale():
        print(f"removed lab {name}: what a run that crashed had left")


def _built(options):
    return build.build_dir() if options.no_build else build.build()


def _lab_name(wanted):
    """The lab that is meant: the one named, or the only one that `lab up` has left up."""
    if os.geteuid() != 0:
        raise Skip("nodes are entered as root: sudo ./lab ...")
    up = topology.names()
    if wanted:
        return wanted
    kept = [name for name in up if topology.is_kept(name)] or up
    if len(kept) != 1:
        raise LabError("no lab is up" if not kept else f"several labs are up, say --lab: {', '.join(kept)}")
    return kept[0]


def _the_lab(wanted):
    return topology.Lab.attach(_lab_name(wanted))


def _demo(options):
    from . import demo
    _clean_start()
    return demo.demo(_built(options), options.name or "srp", plain=options.plain_frr, output=options.svg)


def _check(options):
    from . import check, roots
    if options.frr:
        words = ["--long"] if options.long else []
        return roots.check(options.frr, [*words, "--jobs", str(options.jobs), *options.patterns])
    _clean_start()
    if options.docker:
        return check.check_docker(options.patterns, _built(options), options.jobs)
    return check.check(options.patterns, _built(options), options.long, options.jobs)


def _bench(options):
    _clean_start()
    folder = _built(options)
    return subprocess.run([str(build.TOP / "tests" / "bench" / "run"), *options.names], check=False,
                          env={**os.environ, "SRPD_BUILD_DIR": str(folder)}).returncode


def _build(_):
    build.build()
    return 0


def _up(options):
    _clean_start()
    data = clab.load(options.file)
    if options.name:
        data["name"] = options.name
    lab = topology.Lab(clab.parse(data, options.file.resolve().parent), _built(options), keep=True)
    try:
        lab.up()
        for node in lab.nodes.values():
            frr.start_all(node)
            print(f"  {node.netns}: {', '.join(frr.wanted(node)) or 'no daemons'}")
            node.run_execs()
    except BaseException:
        lab.down()
        raise
    first = next(iter(lab.nodes))
    print(f"lab {lab.name} is up. For example:\n  sudo ./lab exec {first} -- vtysh\n  sudo ./lab down")
    return 0


def _exec(options):
    lab = _the_lab(options.lab)
    if options.node not in lab.nodes:
        raise LabError(f"no node {options.node} in lab {lab.name}: {', '.join(lab.nodes)}")
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    argv = lab[options.node].argv(command or ["sh"])
    sys.stdout.flush()
    os.execvp(argv[0], argv)


def _cut(options):
    lab = _the_lab(options.lab)
    node, _, ifname = options.end.partition(":")
    (lab.cut if options.verb == "cut" else lab.heal)(node, ifname or None)
    return 0


def _down(options):
    name = _lab_name(options.lab)
    topology.remove(name)
    print(f"lab {name} is down")
    return 0


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="lab", usage=__doc__, add_help=False)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name, function):
        made = verbs.add_parser(name, usage=__doc__, add_help=False)
        made.set_defaults(function=function)
        return made
    made = verb("demo", _demo)
    made.add_argument("--plain-frr", action="store_true")
    made.add_argument("--svg", type=Path)
    made.add_argument("--name")
    made.add_argument("--no-build", action="store_true")
    made = verb("check", _check)
    made.add_argument("patterns", nargs="*")
    made.add_argument("--long", action="store_true")
    made.add_argument("--jobs", type=int, default=1, choices=range(1, 9))
    where = made.add_mutually_exclusive_group()
    where.add_argument("--docker", action="store_true")
    where.add_argument("--frr", choices=["8.4", "10.3", "10.7"])
    where.add_argument("--no-build", action="store_true")
    made = verb("bench", _bench)
    made.add_argument("names", nargs="*")
    made.add_argument("--no-build", action="store_true")
    verb("build", _build)
    made = verb("up", _up)
    made.add_argument("file", nargs="?", type=Path, default=build.TOPOLOGY)
    made.add_argument("--name")
    made.add_argument("--no-build", action="store_true")
    made = verb("exec", _exec)
    made.add_argument("--lab")
    made.add_argument("node")
    made.add_argument("command", nargs=argparse.REMAINDER)
    for name in ("cut", "heal"):
        made = verb(name, _cut)
        made.add_argument("--lab")
        made.add_argument("end")
    verb("down", _down).add_argument("--lab")
    return parser.parse_args(arguments)


def main(arguments):
    """Run one command; returns the exit code."""
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    options = _parse(arguments)

    def stop(number, _):
        # Once: what is left to do is to clean up, and that shall not be interrupted.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        return options.function(options)
    except Skip as reason:
        print(f"lab: {reason}", file=sys.stderr)
        return 77
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as error:
        print("\nlab: stopped; cleaned up", file=sys.stderr)
        return 128 + (error.args[0] if error.args else signal.SIGINT)
    finally:
        build.give_back()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
