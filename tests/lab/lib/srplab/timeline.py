# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of a demonstration: an SVG of roles, prepends and loss over time, and each event close up."""

from .drawing import Drawing

ROLE_COLOURS = {"Active": "#2e7d32", "Pending-Active": "#9ccc65", "Standby": "#5c6bc0", "Pending-Standby": "#b3c0ea",
                "Init": "#bdbdbd", None: "#424242"}
GATEWAY_COLOURS = {"gw1": "#e65100", "gw2": "#00838f"}
FLOW_WORDS = {"up4": "loss up, IPv4", "down4": "loss down, IPv4", "up6": "loss up, IPv6", "down6": "loss down, IPv6"}
WIDTH, LEFT, RIGHT = 1200, 150, 30
ROW, LENGTH_ROW, GAP = 22, 90, 8
CLOSE_UP_BEFORE, CLOSE_UP_AFTER = 300_000_000, 1_200_000_000


def _spans(changes, key, end):
    """(start, end, value) of a key's values over time."""
    mine = [(moment, value) for moment, name, value in changes if name == key]
    for index, (moment, value) in enumerate(mine):
        yield moment, mine[index + 1][0] if index + 1 < len(mine) else end, value


class Panel:
    """One stretch of time, drawn from the top at `y`."""

    def __init__(self, drawing, story, start, end, y):
        self.d, self.story, self.start, self.end, self.y = drawing, story, start, end, y
        self.top = y

    def x(self, moment):
        """Where a moment is, within the panel."""
        share = (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def draw(self, title, unit, step):
        """Draw everything; returns the y below it. `unit` in ns, ticks every `step` units from `zero`."""
        self.d.text(LEFT, self.y + 14, title, 14, weight="bold")
        self.y += 24
        self.top = self.y
        if self.story.changes_of("role"):
            for gateway in ("gw1", "gw2"):
                self._roles(gateway)
        self._lengths()
        for flow in self.story.flows:
            self._loss(flow)
        self._axis(unit, step)
        self._events()
        return self.y + 12

    def _label(self, words, height, away=10):
        self.d.text(LEFT - away, self.y + height / 2 + 4, words, 12, "end")

    def _roles(self, gateway):
        self._label(f"{gateway} role", ROW)
        for begin, end, role in _spans(self.story.changes, ("role", gateway), self.story.end):
            if end > self.start and begin < self.end:
                left, right = self.x(begin), self.x(end)
                self.d.box(left, self.y, right - left, ROW, ROLE_COLOURS.get(role, "#000000"), role or "no answer")
                words = role or "down"
                if right - left > 7 * len(words):
                    self.d.text((left + right) / 2, self.y + 15, words, 11, "middle", "white")
        self.y += ROW + GAP

    def _lengths(self):
        spans = [span for gateway in GATEWAY_COLOURS
                 for span in _spans(self.story.changes, ("length", gateway), self.story.end)]
        seen = [value[0] for begin, end, value in spans if value and end > self.start and begin < self.end]
        highest = max([*seen, 2])
        self._label("AS path upstream", LENGTH_ROW, 36)
        for count in range(0, highest + 1, 1 if highest <= 6 else 2):
            y = self._length_y(count, highest)
            self.d.line(LEFT, y, WIDTH - RIGHT, y, "#eeeeee")
            self.d.text(LEFT - 4, y + 4, "none" if count == 0 else str(count), 9, "end", "#757575")
        for gateway, colour in GATEWAY_COLOURS.items():
            previous = None
            for begin, end, value in _spans(self.story.changes, ("length", gateway), self.story.end):
                if end > self.start and begin < self.end:
                    y = self._length_y(value[0] if value else 0, highest) + (2 if gateway == "gw2" else -2)
                    if previous is not None and begin > self.start:
                        self.d.line(self.x(begin), previous, self.x(begin), y, colour, 1)
                    self.d.line(self.x(begin), y, self.x(end), y, colour, 4 if value and value[1] else 1.5)
                    previous = y
        self.y += LENGTH_ROW + GAP

    def _length_y(self, count, highest):
        return self.y + LENGTH_ROW - 8 - count * (LENGTH_ROW - 16) / highest

    def _loss(self, flow):
        self._label(FLOW_WORDS.get(flow, flow), ROW - 8)
        self.d.box(LEFT, self.y, WIDTH - LEFT - RIGHT, ROW - 8, "#e8f5e9")
        for gap in self.story.gaps:
            after = gap.after if gap.after is not None else self.story.end
            if gap.flow == flow and after > self.start and gap.before < self.end:
                self.d.box(self.x(gap.before), self.y, self.x(after) - self.x(gap.before), ROW - 8, "#d32f2f",
                           f"{gap.lost} lost in {(after - gap.before) / 1e6:.0f} ms")
        self.y += ROW - 8 + 4

    def _axis(self, unit, step):
        zero = self.story.zero if unit > 1_000_000 else self.start + CLOSE_UP_BEFORE
        first = int((self.start - zero) / unit // step) * step
        for count in range(first, int((self.end - zero) / unit) + 1, step):
            moment = zero + count * unit
            if self.start <= moment <= self.end:
                self.d.line(self.x(moment), self.y, self.x(moment), self.y + 5, "#616161")
                self.d.text(self.x(moment), self.y + 17, f"{count} {'s' if unit > 1_000_000 else 'ms'}", 10, "middle",
                            "#616161")
        self.y += 22

    def _events(self):
        for number, event in enumerate(self.story.events, 1):
            if self.start <= event.start <= self.end:
                self.d.line(self.x(event.start), self.top - 4, self.x(event.start), self.y - 22, "#000000", 1, "3,3")
                if len(self.story.events) > 1 and self.end - self.start > CLOSE_UP_BEFORE + CLOSE_UP_AFTER:
                    self.d.text(self.x(event.start) + 3, self.top - 6, str(number), 11, weight="bold")


class Story:
    """What happened: the watch's changes, the probe's gaps, the events in order (name, start in ns)."""

    def __init__(self, changes, gaps, flows, events, zero, end):
        self.changes, self.gaps, self.flows = changes, [gap for gap in gaps if gap.before], flows
        self.events, self.zero, self.end = events, zero, end

    def changes_of(self, kind):
        """The changes of all keys of a kind that carry a value."""
        return [change for change in self.changes if change[1][0] == kind and change[2] is not None]

    def quiet(self, start, end):
        """True when nothing changed and nothing was lost between two moments."""
        changed = any(start <= moment < end for moment, _, _ in self.changes)
        return not changed and not any(start <= gap.before < end for gap in self.gaps)


def draw(story, title):
    """The SVG text."""
    drawing = Drawing(WIDTH)
    drawing.text(LEFT, 28, title, 18, weight="bold")
    x = LEFT
    for role, colour in ROLE_COLOURS.items():
        drawing.box(x, 40, 14, 14, colour)
        drawing.text(x + 19, 51, role or "no answer")
        x += 125
    for gateway, colour in GATEWAY_COLOURS.items():
        drawing.line(x, 47, x + 20, 47, colour, 3)
        drawing.text(x + 25, 51, f"via {gateway}")
        x += 85
    drawing.text(LEFT, 70, "AS path: length of the path to the service address as upstream hears it from each gateway;"
                 " thick: the one upstream uses", 11, colour="#616161")
    y = 96
    for number, event in enumerate(story.events, 1):
        drawing.text(LEFT, y, f"{number}  {(event.start - story.zero) / 1e9:6.1f} s  {event.name}", 12)
        y += 17
    seconds = (story.end - story.zero) / 1e9
    step = next((step for step in (1, 2, 5, 10, 20, 30, 60) if seconds / step <= 20), 120)
    y = Panel(drawing, story, story.zero, story.end, y + 6).draw("all of it", 1_000_000_000, step)
    for number, event in enumerate(story.events, 1):
        start, end = event.start - CLOSE_UP_BEFORE, event.start + CLOSE_UP_AFTER
        if story.quiet(event.start, end):
            continue
        y = Panel(drawing, story, start, end, y).draw(f"{number}  {event.name}", 1_000_000, 100)
    return drawing.render(int(y + 10))
