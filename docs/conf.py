"""Sphinx settings."""

from zonnekaart import __version__

project = "zonnekaart"
author = "the zonnekaart developers"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "zonnekaart"
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.xref_missing"]
autodoc_typehints = "description"
napoleon_google_docstring = False
