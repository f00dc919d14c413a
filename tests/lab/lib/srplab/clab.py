# SPDX-License-Identifier: GPL-2.0-or-later
"""What a containerlab file says, as far as the lab needs it.

Understood: name; topology.defaults, topology.kinds and topology.nodes with kind, image, binds and
exec; topology.links with endpoints. Nodes are of kind linux. Paths are relative to the file.
"""

import copy
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .base import LabError

NAME = re.compile(r"^[a-z0-9][a-z0-9-]*$")
IFNAME_MAX = 15


@dataclass
class NodeSpec:
    """One node: the files it is given (host path, path in the node) and what it runs once up."""
    name: str
    binds: list = field(default_factory=list)
    execs: list = field(default_factory=list)


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


def _node(folder, name, topology, own):
    if not NAME.match(name):
        raise LabError(f"node {name!r}: letters, digits and '-' only")
    merged = copy.deepcopy(topology.get("defaults") or {})
    kind = (own or {}).get("kind", merged.get("kind", "linux"))
    if kind != "linux":
        raise LabError(f"node {name}: kind {kind} needs containerlab; this lab runs kind linux")
    for layer in ((topology.get("kinds") or {}).get(kind) or {}, own or {}):
        for key, value in layer.items():
            if key in ("binds", "exec"):
                merged[key] = list(merged.get(key) or []) + list(value or [])
            else:
                merged[key] = value
    binds = []
    for bind in merged.get("binds") or []:
        parts = str(bind).split(":")
        if len(parts) < 2:
            raise LabError(f"node {name}: bind {bind!r} is not SOURCE:TARGET")
        binds.append(((folder / parts[0]).resolve(), parts[1]))
    return NodeSpec(name, binds, list(merged.get("exec") or []))


def parse(data, folder):
    """Turn the plain data into a Spec; relative paths are taken from `folder`."""
    name = data.get("name")
    topology = data.get("topology") or {}
    if not isinstance(name, str) or not NAME.match(name):
        raise LabError(f"lab name {name!r}: letters, digits and '-' only")
    nodes = {node: _node(Path(folder), node, topology, own)
             for node, own in (topology.get("nodes") or {}).items()}
    if not nodes:
        raise LabError(f"lab {name} has no nodes")
    links, taken = [], set()
    for link in topology.get("links") or []:
        ends = []
        for endpoint in link.get("endpoints") or []:
            node, _, ifname = str(endpoint).partition(":")
            if node not in nodes:
                raise LabError(f"link end {endpoint!r}: no node {node!r}")
            if not 0 < len(ifname) <= IFNAME_MAX or endpoint in taken:
                raise LabError(f"link end {endpoint!r}: bad or second use of the interface")
            taken.add(endpoint)
            ends.append((node, ifname))
        if len(ends) != 2:
            raise LabError(f"link {link!r} does not have two endpoints")
        links.append(tuple(ends))
    return Spec(name, nodes, links)
