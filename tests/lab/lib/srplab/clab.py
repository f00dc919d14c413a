# SPDX-License-Identifier: GPL-2.0-or-later
"""What a containerlab file says, as far as the lab needs it.

Understood: name; topology.defaults, topology.kinds and topology.nodes with kind, image, binds, exec, healthcheck and
stages (wait-for); topology.links with endpoints. Nodes are of kind linux. Paths are relative to the file. What
containerlab knows besides, and what it does not know, is refused: a file that starts here shall start there, and mean
the same.
"""

import copy
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .base import LabError

NAME = re.compile(r"^[a-z0-9][a-z0-9-]*$")
IFNAME = re.compile(r"^[^\s/:]{1,15}$")
MANAGEMENT = "eth0"  # containerlab's own end of the management network
NODE_KEYS = ("kind", "image", "binds", "exec", "healthcheck", "stages")
# Of containerlab's stages those that say when a node is there; the file's words, in the order of a node's life.
STAGES = ("create", "create-links", "configure", "healthy", "exit")
HEALTH_KEYS = ("test", "interval", "timeout", "retries", "start-period")  # all but test in whole seconds, or a count
BIND_OPTIONS = ("ro", "rw", "z", "Z")
SHELL_WORDS = {"|", "||", "&", "&&", ";", "<", ">", ">>"}


@dataclass
class NodeSpec:
    """One node: what it is made of, the files it is given (host path, path in the node), what it runs once up."""
    name: str
    binds: list = field(default_factory=list)
    execs: list = field(default_factory=list)
    image: str = None
    healthcheck: dict = field(default_factory=dict)
    waits: list = field(default_factory=list)  # (node, stage) before it is created


@dataclass
class Spec:
    """A topology: nodes by name, links as ((node, interface), (node, interface))."""
    name: str
    nodes: dict
    links: list


def load(path):
    """Read the file as plain data, for tests that change it before they bring it up."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise LabError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise LabError(f"{path}: not a containerlab topology")
    return data


def _only(where, table, keys):
    """LabError when the mapping has another key than these."""
    if not isinstance(table, dict):
        raise LabError(f"{where} is not a mapping")
    unknown = [key for key in table if key not in keys]
    if unknown:
        raise LabError(f"{where}: {', '.join(map(str, unknown))}: not understood, only {', '.join(keys)}")
    return table


def _texts(where, values):
    """A list of texts, none twice, not empty."""
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise LabError(f"{where} is not a list of texts")
    if len(set(values)) != len(values):
        raise LabError(f"{where} has the same twice")
    return values


def _bind(node, folder, bind):
    parts = bind.split(":")
    if not 2 <= len(parts) <= 3 or not parts[1].startswith("/"):
        raise LabError(f"node {node}: bind {bind!r} is not SOURCE:/TARGET or SOURCE:/TARGET:OPTIONS")
    if len(parts) == 3 and not set(parts[2].split(",")) <= set(BIND_OPTIONS):
        raise LabError(f"node {node}: bind {bind!r}: the options are {', '.join(BIND_OPTIONS)}")
    source = (folder / parts[0]).resolve()
    if not source.exists():
        raise LabError(f"node {node}: bind {bind!r}: there is no {source}")
    return source, parts[1]


def _exec(node, command):
    """containerlab splits the command into words and runs the first: no shell reads it."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise LabError(f"node {node}: exec {command!r}: {error}") from error
    if not words or SHELL_WORDS & set(words):
        raise LabError(f"node {node}: exec {command!r} is run without a shell: sh -c '...'")
    return command


def _health(node, check):
    _only(f"node {node}: healthcheck", check, HEALTH_KEYS)
    test = _texts(f"node {node}: healthcheck.test", check.get("test"))
    if test[0] not in ("CMD", "CMD-SHELL") or len(test) < 2:
        raise LabError(f"node {node}: healthcheck.test begins with CMD or CMD-SHELL, and a command follows")
    for key in HEALTH_KEYS[1:]:
        value = check.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise LabError(f"node {node}: healthcheck.{key} {value!r} is not a whole number")
    return check


def _waits(node, stages):
    """[(node, stage)] that are waited for before the node is created: of the stages only that is understood."""
    _only(f"node {node}: stages", stages, ("create",))
    found = []
    for entry in _only(f"node {node}: stages.create", stages.get("create") or {}, ("wait-for",)).get("wait-for") or []:
        _only(f"node {node}: wait-for", entry, ("node", "stage"))
        if entry.get("stage") not in STAGES:
            raise LabError(f"node {node}: wait-for: stage {entry.get('stage')!r} is none of {', '.join(STAGES)}")
        found.append((entry.get("node"), entry["stage"]))
    return found


def _node(folder, name, topology, own):
    if not NAME.match(name):
        raise LabError(f"node {name!r}: letters, digits and '-' only")
    defaults, own = topology.get("defaults") or {}, own or {}
    kind = own.get("kind", defaults.get("kind"))
    if kind != "linux":
        raise LabError(f"node {name}: kind {kind} needs containerlab; this lab runs kind linux")
    merged = {"binds": {}, "exec": []}
    for layer in (defaults, (topology.get("kinds") or {}).get(kind) or {}, own):
        for key, value in _only(f"node {name}", copy.deepcopy(layer), NODE_KEYS).items():
            if key == "binds":  # the most specific one has the target
                for bind in _texts(f"node {name}: binds", value):
                    source, target = _bind(name, folder, bind)
                    merged["binds"][target] = source
            elif key == "exec":
                merged["exec"] += [_exec(name, command) for command in _texts(f"node {name}: exec", value)]
            else:
                merged[key] = value
    if not isinstance(merged.get("image"), str):
        raise LabError(f"node {name} has no image")
    health = _health(name, merged["healthcheck"]) if "healthcheck" in merged else {}
    return NodeSpec(name, [(source, target) for target, source in merged["binds"].items()], merged["exec"],
                    merged["image"], health, _waits(name, merged.get("stages") or {}))


def _link(link, nodes, taken):
    ends = []
    for endpoint in _only(f"link {link!r}", link, ("endpoints",)).get("endpoints") or []:
        node, _, ifname = str(endpoint).partition(":")
        if node not in nodes:
            raise LabError(f"link end {endpoint!r}: no node {node!r}")
        if not IFNAME.match(ifname) or ifname == MANAGEMENT or endpoint in taken:
            raise LabError(f"link end {endpoint!r}: bad or second use of the interface")
        taken.add(endpoint)
        ends.append((node, ifname))
    if len(ends) != 2:
        raise LabError(f"link {link!r} does not have two endpoints")
    return tuple(ends)


def boot_order(spec):
    """Names of the nodes, each behind those that it waits for; LabError for one that waits for itself in the end."""
    order, left = [], list(spec.nodes.values())
    while left:
        ready = [node for node in left if all(name in order for name, _ in node.waits)]
        if not ready:
            raise LabError(f"these nodes wait for each other: {', '.join(node.name for node in left)}")
        order += [node.name for node in ready]
        left = [node for node in left if node not in ready]
    return order


def parse(data, folder):
    """Turn the plain data into a Spec; relative paths are taken from `folder`."""
    name = _only("the topology", data, ("name", "topology")).get("name")
    topology = _only("topology", data.get("topology") or {}, ("defaults", "kinds", "nodes", "links"))
    if not isinstance(name, str) or not NAME.match(name):
        raise LabError(f"lab name {name!r}: letters, digits and '-' only")
    nodes = {node: _node(Path(folder), node, topology, own)
             for node, own in (topology.get("nodes") or {}).items()}
    if not nodes:
        raise LabError(f"lab {name} has no nodes")
    for node in nodes.values():
        for other, stage in node.waits:
            if other not in nodes:
                raise LabError(f"node {node.name} waits for {other!r}, which is none")
            if stage == "healthy" and not nodes[other].healthcheck:
                raise LabError(f"node {node.name} waits for {other} to be healthy, which has no healthcheck")
    taken = set()
    spec = Spec(name, nodes, [_link(link, nodes, taken) for link in topology.get("links") or []])
    boot_order(spec)
    return spec
