# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs of tests/bench have in common: one line of JSON for each measurement, progress on stderr."""

import json
import statistics
import sys

from . import topology


def argument(position, default):
    """An argument of the command line, as the type of its default."""
    return type(default)(sys.argv[position]) if len(sys.argv) > position else default


def prepare():
    """Namespaces can be made, and none is left of a run that was killed."""
    topology.require_namespaces()
    topology.remove_stale()


def progress(words):
    """A line for whoever watches."""
    print(f"  {words}", file=sys.stderr, flush=True)


def result(**values):
    """A measurement."""
    print(json.dumps(values), flush=True)


def spread(values, digits=1):
    """Median, least and most of several rounds."""
    return {"median": round(statistics.median(values), digits), "least": round(min(values), digits),
            "most": round(max(values), digits)}
