# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/benchmarks/README.md and benchmarks.svg, from what the programs of tests/bench have said."""

from .drawing import Drawing

OURS, PART, IDLE, OTHERS = "#2e7d32", "#66bb6a", "#c8e6c9", "#9e9e9e"
WIDTH, LEFT, RIGHT, BAR, GAP = 900, 230, 120, 18, 6

HEAD = """# Benchmarks

Written by `sudo ./lab bench` (`tests/bench/run`); the numbers themselves are in [results.json](results.json). A pair
of gateways, the routers around it, traffic and load all run on one machine, in network namespaces: compare the figures
of a table with each other, not with those of other machines.

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
    names = {"srp-ctsync": "srp-ctsync", "conntrackd, kernel": "conntrackd, into the kernel",
             "conntrackd": "conntrackd, into its cache"}
    rows = [("", *(names[result["daemon"]] for result in results))]

    def row(name, look, unit):
        rows.append((name, *(f"{round(look(result), 2):,g} {unit}".rstrip() for result in results)))

    def idle(result, side):
        return sum(program["ofWhichIdle"] for program in result[side]["programs"].values())

    for side in ("active", "standby"):
        row(f"processor time per flow, {side}; srpd's included", lambda r: r[side]["cpuUsecPerFlow"], "µs")
        row("— of it what is used with no flow at all", lambda r: idle(r, side), "µs")
    row("the standby has the last flow after", lambda r: r["lagMsecs"], "ms")
    row("flows that the standby's kernel lacks", lambda r: r["toWriteFlows"], "")
    row("— written into it at a take-over in", lambda r: r["toWriteMsecs"], "ms")
    row("all lost on the standby, daemons included: its kernel has all again after", lambda r: r["allLostMsecs"], "ms")

    def colours(result):
        return (OURS, PART, IDLE) if result["daemon"] == "srp-ctsync" else (OTHERS, OTHERS, OTHERS)

    def cost(result, side):
        programs = list(result[side]["programs"].values())
        own = programs[0]["cpuUsecPerFlow"] - programs[0]["ofWhichIdle"]
        at_rest = idle(result, side)
        return list(zip((own, result[side]["cpuUsecPerFlow"] - own - at_rest, at_rest), colours(result)))
    sync = [result["srpdSyncUsecPerFlow"] for result in results if "srpdSyncUsecPerFlow" in result]
    text = f"## Connections through NAT\n\n{results[0]['flows']:,} TCP handshakes through gw1, " \
        f"{results[0]['flowsPerSecond']:,} a second. conntrackd filters in the kernel and follows established flows " \
        f"only, as srp-ctsync does; `into the kernel` is its `DisableExternalCache`. What srpd uses with no flow at " \
        f"all is for a hello each 20 ms.\n\n{_table(*rows)}\n"
    if sync:
        text += f"\nOf the last row, srpd's own synchronisation takes {sync[0]:g} µs per flow.\n"
    return text, [
        Panel("Connections through NAT, processor time per flow (greens: srp-ctsync, srpd, srpd without any flow)", [
            (f"{result['daemon']}, {side}", cost(result, side), f"{result[side]['cpuUsecPerFlow']} µs")
            for side in ("active", "standby") for result in results]),
        Panel("Flows to be written into the kernel at a take-over", [
            (result["daemon"], [(result["toWriteMsecs"], colours(result)[0])], f"{result['toWriteMsecs']:g} ms")
            for result in results]),
        Panel("A standby that lost all flows and daemons has them again", [
            (result["daemon"], [(result["allLostMsecs"], colours(result)[0])], f"{result['allLostMsecs']} ms")
            for result in results])]


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
            ("lag meanwhile, ms", lambda r: _of(r["lagMsecs"])),
            ("lag meanwhile, records", lambda r: _of(r["lagRecords"])),
            ("whole synchronisation, per record", lambda r: f"{r['syncUsecPerRecord']} µs"),
            ("— on the wire", lambda r: f"{r['syncWireMiB']} MiB"),
            ("audit: the stores are proven equal", lambda r: f"{r['auditMsecs']} ms, {r['auditKiB']} KiB"),
            ("memory, of what the sessions hold", lambda r: f"{r['memoryPerPayload']} times"),
            ("srpd of the Standby, resident", lambda r: f"{r['standbyRssMiB']} MiB")):
        rows.append((name, *map(look, results)))
    return f"## Checkpoints\n\n{results[0]['sessions']:,} sessions of 300 bytes, one session manager that changes " \
        f"them as fast as it can.\n\n{_table(*rows)}\n", [
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
    return f"## A standby that comes back, one session\n\n{_table(*rows)}\n", []


def _hello_jitter(results):
    keys = list(results[0]["gapInIntervals"])
    rows = [("load", *keys)]
    rows += [(result["load"], *(result["gapInIntervals"][key] for key in keys)) for result in results]
    interval = results[0]["intervalMsecs"]
    return f"## Hellos under load\n\nTime between two hellos, in intervals of {interval} ms; the peer is dead after 4. " \
        f"Each commit is a reason for another hello, which makes the times shorter: there only the longest one says " \
        f"something.\n\n{_table(*rows)}\n", [Panel("Longest time between two hellos, in intervals (dead: 4)", [
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
