# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/benchmarks/README.md and benchmarks.svg, from what the programs of tests/bench have said."""

from .drawing import Drawing

OURS, PART, IDLE, OTHERS = "#2e7d32", "#66bb6a", "#c8e6c9", "#9e9e9e"
WIDTH, LEFT, RIGHT, BAR, GAP = 900, 230, 120, 18, 6

HEAD = """# Benchmarks

Written by `sudo make bench` (`tests/bench/run`); the numbers themselves are in [results.json](results.json). A pair of
gateways, the routers around it, traffic and load all run on one machine, in network namespaces: compare the figures of a
row with each other, not with those of other machines.

![the same as bars](benchmarks.svg)
"""


def _table(*rows):
    """Markdown; the first row is the heading."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    return "\n".join(lines)


def _of(values, unit=""):
    """5 (3..7) ms"""
    least, most = f"{values['least']:g}", f"{values['most']:g}"
    return f"{values['median']:g} ({least}..{most}){unit}" if least != most else f"{values['median']:g}{unit}"


class Panel:
    """Bars with a title and one scale."""

    def __init__(self, title, bars):
        """`bars`: (label, [(value, colour)], words)"""
        self.title, self.bars = title, bars

    def draw(self, drawing, y):
        """Draw it from the top at `y`; returns the y below it."""
        drawing.text(20, y + 12, self.title, 13, weight="bold")
        y += 24
        highest = max([sum(value for value, _ in parts) for _, parts, _ in self.bars] + [1e-9])
        for label, parts, words in self.bars:
            drawing.text(LEFT - 8, y + 13, label, 12, "end")
            x = float(LEFT)
            for value, colour in parts:
                if value:
                    width = value * (WIDTH - LEFT - RIGHT) / highest
                    drawing.box(x, y, width, BAR, colour)
                    x += width
            drawing.text(x + 6, y + 13, words, 12)
            y += BAR + GAP
        return y + 14


# --- one function for each benchmark: (section of the page, panels of the picture) ----------------


def _conntrack(results):
    colours = {"srp-ctsync": OURS}
    rows = [("", *(result["follower"] for result in results), "ratio")]

    def row(name, look, unit):
        values = [round(look(result), 2) for result in results]
        ratio = f"{values[0] / values[1]:.2f}" if len(values) > 1 and values[1] else "-"
        rows.append((name, *(f"{value:g} {unit}" for value in values), ratio))

    def idle(result, side):
        return sum(program["ofWhichIdle"] for program in result[side]["programs"].values())

    for side in ("active", "standby"):
        row(f"processor time per flow, {side}, srpd's included", lambda r: r[side]["cpuUsecPerFlow"], "µs")
        row("— without what is used with no flow at all (hellos)", lambda r: r[side]["cpuUsecPerFlow"] - idle(r, side),
            "µs")
        row("— of the follower alone", lambda r: r[side]["programs"][r["follower"]]["cpuUsecPerFlow"], "µs")
    row("the standby has the last flow after", lambda r: r["lagMsecs"], "ms")
    row("a standby that lost them gets all, per flow", lambda r: r["resyncUsecPerFlow"], "µs")
    row("left to do at a take-over", lambda r: r["takeOverMsecs"], "ms")

    def cost(result, side):
        programs, at_rest = result[side]["programs"], idle(result, side)
        own = programs[result["follower"]]["cpuUsecPerFlow"]
        return [(own, colours.get(result["follower"], OTHERS)), (result[side]["cpuUsecPerFlow"] - own - at_rest, PART),
                (at_rest, IDLE)]

    def bars(key, unit):
        return [(result["follower"], [(result[key], colours.get(result["follower"], OTHERS))], f"{result[key]} {unit}")
                for result in results]
    text = f"## Connections through NAT\n\n{results[0]['flows']:,} TCP handshakes through gw1, " \
        f"{results[0]['flowsPerSecond']:,} a second. With srp-ctsync the standby's kernel has each flow, with " \
        f"conntrackd its daemon.\n\n{_table(*rows)}\n"
    return text, [
        Panel("Connections through NAT, processor time per flow (greens: srp-ctsync, srpd, srpd's hellos)", [
            (f"{result['follower']}, {side}", cost(result, side), f"{result[side]['cpuUsecPerFlow']} µs")
            for side in ("active", "standby") for result in results]),
        Panel("A standby that lost all flows gets them, per flow", bars("resyncUsecPerFlow", "µs")),
        Panel("Left to do at a take-over", bars("takeOverMsecs", "ms"))]


def _downloads(results):
    rows = [("what happens to the Active", "downloads that arrive whole", "longest stall, ms")]
    rows += [(result["event"], f"{result['survived']} of {result['downloads']}", _of(result["stallMsecs"]))
             for result in results]
    return f"## Downloads through NAT\n\nTCP, IPv4 and IPv6, 2 MiB/s each; the longest stall of each round, median " \
        f"(least..most).\n\n{_table(*rows)}\n", [Panel("Downloads through NAT, longest stall", [
            (result["event"], [(result["stallMsecs"]["median"], OURS)],
             f"{result['stallMsecs']['median']:g} ms, {result['survived']} of {result['downloads']}")
            for result in results])]


def _checkpoints(results):
    rows = [("", *(result["compression"] for result in results))]
    for name, look in (
            ("updates of 16 bytes, applied and acknowledged by the standby, a second",
             lambda r: f"{r['updatesPerSecond']:,}"),
            ("processor time per update: session manager, Active, Standby",
             lambda r: f"{r['managerCpuUsec']} + {r['activeCpuUsec']} + {r['standbyCpuUsec']} µs"),
            ("lag meanwhile", lambda r: f"{r['lagMsecs']} ms, {r['lagRecords']:,} records"),
            ("whole synchronisation, per record", lambda r: f"{r['syncUsecPerRecord']} µs"),
            ("— on the wire", lambda r: f"{r['syncWireMiB']} MiB"),
            ("audit: the stores are proven equal", lambda r: f"{r['auditMsecs']} ms, {r['auditKiB']} KiB"),
            ("memory, of what the sessions hold", lambda r: f"{r['memoryPerPayload']} times"),
            ("srpd of the Standby, resident", lambda r: f"{r['standbyRssMiB']} MiB")):
        rows.append((name, *map(look, results)))
    return f"## Checkpoints\n\n{results[0]['sessions']:,} sessions of 300 bytes, one session manager that changes them " \
        f"as fast as it can.\n\n{_table(*rows)}\n", [
            Panel("Checkpoints, updates a second", [
                (result["compression"], [(result["updatesPerSecond"], OURS)], f"{result['updatesPerSecond']:,}")
                for result in results]),
            Panel("Checkpoints, whole synchronisation, per record of 300 bytes", [
                (result["compression"], [(result["syncUsecPerRecord"], OURS)], f"{result['syncUsecPerRecord']} µs")
                for result in results])]


def _recovery(results):
    rows = [("`standby database-recovery`", "ready after the session connection", "after srpd's start")]
    rows += [(result["recovery"], _of(result["readyMsecs"], " ms"), _of(result["startMsecs"], " ms"))
             for result in results]
    return f"## A standby that comes back, without sessions\n\n{_table(*rows)}\n", []


def _hello_jitter(results):
    keys = list(results[0]["gapInIntervals"])
    rows = [("load", *keys)]
    rows += [(result["load"], *(result["gapInIntervals"][key] for key in keys)) for result in results]
    return f"## Hellos under load\n\nTime between two hellos, in intervals of {results[0]['intervalMsecs']} ms; a hello " \
        f"that is due earlier because something has changed makes it shorter. The peer is dead after 4.\n\n" \
        f"{_table(*rows)}\n", [Panel("Longest time between two hellos, in intervals (dead: 4)", [
            (result["load"], [(result["gapInIntervals"]["most"], OURS)], f"{result['gapInIntervals']['most']}")
            for result in results])]


def _node_death(results):
    flows = list(results[0]["outageMsecs"])
    rows = [("gateways", *flows)]
    rows += [(result["gateways"], *(_of(result["outageMsecs"][flow]) for flow in flows)) for result in results]
    return f"## Death of the node that serves\n\nOutage in ms, median (least..most) of {results[0]['rounds']}; plain " \
        f"FRRouting has the backup path installed all the time.\n\n{_table(*rows)}\n", [
            Panel("Death of the node, outage (towards the client, IPv4)", [
                (result["gateways"], [(result["outageMsecs"]["down4"]["median"],
                                       OURS if result["gateways"] == "srpd" else OTHERS)],
                 f"{result['outageMsecs']['down4']['median']:g} ms") for result in results])]


SECTIONS = {"conntrack": _conntrack, "downloads": _downloads, "checkpoints": _checkpoints, "recovery": _recovery,
            "hello-jitter": _hello_jitter, "node-death": _node_death}


def write(folder, kept):
    """Write both files; `kept`: {benchmark: {command, machine, results}}."""
    page, panels = [HEAD], []
    for name, section in SECTIONS.items():
        if name not in kept:
            continue
        text, more = section(kept[name]["results"])
        of = kept[name]["machine"]
        with_ = f", conntrackd {of['conntrackd']}" if name == "conntrack" and of["conntrackd"] else ""
        page.append(f"{text}\n`sudo {kept[name]['command']}`, {of['date']}: srpd {of['srpd']}, FRRouting {of['frr']}"
                    f"{with_}, Linux {of['kernel']}, {of['processors']} processors.\n")
        panels += more
    (folder / "README.md").write_text("\n".join(page), encoding="utf-8")
    drawing, y = Drawing(WIDTH), 16.0
    for panel in panels:
        y = panel.draw(drawing, y)
    (folder / "benchmarks.svg").write_text(drawing.render(int(y)), encoding="utf-8")
