"""Configuration of Sphinx. ``nox -s docs`` builds the site."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "oktahound"
author = "the oktahound authors"
copyright = author  # noqa: A001 - Sphinx reads this name
version = release = metadata.version("oktahound")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "readable",
    "declared",
    "declared_entities",
    "declared_scopes",
    "declared_questions",
]
exclude_patterns = ["_build"]
source_suffix = {".md": "myst-nb"}
# In docstrings, text in single backticks links to the object of this package with that name, if there is one.
default_role = "py:obj"
# `ApiToken` is both a credential and an entity; a docstring refers to the one in its own module.
suppress_warnings = ["ref.python"]

myst_enable_extensions = ["deflist", "fieldlist"]
myst_heading_anchors = 3

# Pages that begin with `file_format: mystnb` are notebooks. Each build executes them, in a temporary folder.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_output_stderr = "error"
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
autodoc_preserve_defaults = True
# Longer signatures have one parameter per line.
maximum_signature_line_length = 80

# The copy button omits prompts and output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_favicon = "static/icon.svg"
html_title = f"oktahound {release}"
