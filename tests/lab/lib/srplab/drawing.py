# SPDX-License-Identifier: GPL-2.0-or-later
"""SVG by hand: boxes, lines and words."""

from html import escape


class Drawing:
    """Collects SVG elements."""

    def __init__(self, width):
        self.width = width
        self.parts = []

    def box(self, x, y, width, height, fill, title=None):
        """A filled rectangle."""
        hint = f"<title>{escape(title)}</title>" if title else ""
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.8):.1f}" height="{height:.1f}" '
                          f'fill="{fill}">{hint}</rect>')

    def line(self, x1, y1, x2, y2, colour, width=1.0, dashes=None):
        """A straight line."""
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                          f'stroke-width="{width}"{dash}/>')

    def text(self, x, y, words, size=12, anchor="start", colour="#212121", weight="normal"):
        """One line of text."""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
                          f'font-weight="{weight}">{escape(words)}</text>')

    def render(self, height):
        """The whole file."""
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
                f'viewBox="0 0 {self.width} {height}" font-family="sans-serif">\n'
                f'<rect width="{self.width}" height="{height}" fill="white"/>\n' + "\n".join(self.parts) + "\n</svg>\n")
