# SPDX-License-Identifier: GPL-2.0-or-later
# The HTML guide, by Sphinx and its parser of Markdown: `make html`.
import os

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

project = "srpd"
author = "the srpd maintainers"
copyright = "the srpd maintainers, GPL-2.0-or-later"
release = version = os.environ.get("SRPD_VERSION", "")
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3
html_theme = "alabaster"
html_theme_options = {"description": "Inter-Chassis Session Recovery for FRRouting", "page_width": "74em",
                      "fixed_sidebar": True}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
html_show_sourcelink = False
html_extra_path = [os.environ["SRPD_MAN_HTML"]] if "SRPD_MAN_HTML" in os.environ else []
lexers["mermaid"] = TextLexer()  # drawn where the Markdown is looked at, text here
