"""Lay out pages in a headless Chromium or Chrome, and measure them. Without a browser, tests are skipped."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

__all__ = ["measure", "print_to_pdf"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # the sandbox does not work in containers, and the pages are trusted
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-extensions",
)
_SECONDS = 120

# For each frame: how wide the page is laid out, what it loads, the scripts it has, and its lowest contrast
# between a text and the background behind it (WCAG asks for 4.5).
_MEASURE = """
const numbers = color => color.match(/[\\d.]+/g).map(Number);
const luminance = color => {
  const [r, g, b] = numbers(color).map(c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const background = (element, view) => {
  for (let at = element; at; at = at.parentElement) {
    const color = view.getComputedStyle(at).backgroundColor;
    if ((numbers(color)[3] ?? 1) > .99) return color;
  }
  return "rgb(255, 255, 255)";
};
const contrast = (frame) => {
  const view = frame.contentWindow, page = frame.contentDocument;
  let lowest = 21;
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("svg, style")) continue;
    const both = [view.getComputedStyle(element).color, background(element, view)].map(luminance);
    lowest = Math.min(lowest, (Math.max(...both) + .05) / (Math.min(...both) + .05));
  }
  return lowest;
};
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => ({
    width: frame.contentDocument.documentElement.scrollWidth,
    loads: frame.contentWindow.performance.getEntriesByType("resource").map(each => each.name),
    scripts: frame.contentDocument.scripts.length,
    contrast: contrast(frame),
    text: frame.contentDocument.body.innerText,
  }));
  document.documentElement.innerHTML = "";
  document.body.textContent = JSON.stringify(found);
});
"""


def measure(pages: Mapping[str, str], folder: Path, *, width: int) -> dict[str, dict[str, Any]]:
    """Lay out whole HTML pages at a width in pixels.

    Returns:
        For each page: ``width`` of its content, ``loads`` (URLs of what it loads), the number of ``scripts``,
        the lowest ``contrast`` of a text, and the visible ``text``.
    """
    frames = "".join(
        f'<iframe width="{width}" height="600" frameborder="0" srcdoc="{html.escape(page)}"></iframe>'
        for page in pages.values()
    )
    file = folder / "frames.html"
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><script>{_MEASURE}</script><body>{frames}</body>',
        encoding="utf-8",
        errors="backslashreplace",
    )
    dom = _run(folder, "--dump-dom", file.as_uri())
    found = re.search(r"<body>(.*)</body>", dom, re.DOTALL)
    assert found, dom[-2000:]
    return dict(zip(pages, json.loads(html.unescape(found[1])), strict=True))


def print_to_pdf(page: Path, folder: Path) -> bytes:
    """Print a page on paper."""
    target = folder / "printed.pdf"
    _run(folder, f"--print-to-pdf={target}", page.as_uri())
    return target.read_bytes()


def _run(folder: Path, *arguments: str) -> str:
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("this machine has no Chromium or Chrome, so no page was laid out")
    command = [program, *_OPTIONS, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
    return done.stdout
