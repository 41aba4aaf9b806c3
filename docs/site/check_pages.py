"""Open each page of the built site in a browser, and report problems.

Run it after ``nox -s docs`` with ``nox -s pages``. For each page of ``docs/_build/html`` it reports, at the
widths of a phone and of a desktop screen:

- content that is wider than the screen and has no scroll bar of its own;
- errors and warnings of scripts, and files that could not be loaded;
- requests to another server.

It also searches the site for a few words, and checks that each page is at most two clicks from the first.
With ``--pictures FOLDER`` it saves a picture of each page for review.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
WIDTHS = {"phone": 400, "desktop": 1280}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

SEARCHES = {
    "blast_radius": "analysis",
    "rate limits": "troubleshooting",
    "ApiServiceIntegration": "entities",
    "structlog": "embed",
}
"""Search words, and a part of the address of the page that must be among the first results."""

OVERFLOW = """
() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (["auto", "scroll"].includes(style.overflowX)) return true;
      if (style.position === "fixed" || style.visibility === "hidden") return true;
    }
    return false;
  };
  const wide = [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.right > width + 1 && !scrolls(each);
  });
  const found = wide.slice(0, 3).map((each) => each.tagName.toLowerCase() + "." + each.className);
  return {page: document.documentElement.scrollWidth - width, elements: found};
}
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve `folder` on a loopback port, and return its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def check_page(page: Page, address: str) -> list[str]:
    """Open `address` and return the problems, one per line."""
    problems: list[str] = []
    server = address.split("/", 3)[2]

    def request(sent: Any) -> None:
        if not sent.url.startswith((f"http://{server}/", "data:", "blob:")):
            problems.append(f"requests {sent.url}")

    def message(shown: Any) -> None:
        if shown.type in {"error", "warning"}:
            problems.append(f"{shown.type}: {shown.text} ({shown.location['url']})")

    def failure(error: Any) -> None:
        problems.append(f"script error: {error}")

    listeners = {"request": request, "console": message, "pageerror": failure}
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    page.goto(address, wait_until="load")
    overflow = page.evaluate(OVERFLOW)
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    if overflow["page"] > 0:
        problems.append(f"{overflow['page']} pixels wider than the screen: {', '.join(overflow['elements'])}")
    elif overflow["elements"]:
        problems.append(f"cut off at the right: {', '.join(overflow['elements'])}")
    return problems


def check_search(browser: Browser, site: str) -> list[str]:
    """Search for each of `SEARCHES`, and return the searches whose page is not among the first results."""
    problems = []
    page = browser.new_page()
    for words, wanted in SEARCHES.items():
        page.goto(f"{site}/search.html?q={words.replace(' ', '+')}")
        page.wait_for_selector("#search-results li a", timeout=10_000)
        page.wait_for_function("document.querySelector('.search-summary')?.innerText.includes('found')")
        links = page.eval_on_selector_all("#search-results li a", "found => found.map(each => each.href)")
        if not any(wanted in link for link in links[:10]):
            problems.append(f"search for {words!r} finds {links[:3]} instead of {wanted!r}")
    page.close()
    return problems


def check_clicks(browser: Browser, site: str, pages: list[str]) -> list[str]:
    """Return the pages that take more than two clicks from the start page."""
    page = browser.new_page()
    found = "found => found.map(each => each.href.split('#')[0])"

    def links(address: str) -> set[str]:
        page.goto(address)
        return set(page.eval_on_selector_all("a[href]", found))

    start = f"{site}/index.html"
    first = links(start)
    second = set().union(*(links(each) for each in sorted(first) if each.startswith(site)))
    page.close()
    # Sphinx creates these; readers open them with the search box or links of a page.
    rest = set(pages) - {"search.html", "genindex.html", "py-modindex.html"}
    return [
        f"{each} takes more than two clicks"
        for each in sorted(rest)
        if f"{site}/{each}" not in first | second
    ]


def main() -> int:
    """Check all pages, print the problems, and return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "docs" / "_build" / "html")
    parser.add_argument("--only", default="", help="check only pages whose path contains this")
    parser.add_argument("--pictures", type=Path, help="save a picture of each page into this folder")
    parser.add_argument("--browser", help="the program of an installed Chromium")
    arguments = parser.parse_args()
    folder = arguments.site.resolve()
    # All pages of `_modules` are similar listings of source code.
    paths = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.html")
        if "_modules" not in path.parts and "_static" not in path.parts
    )
    problems = []
    with serve(folder) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=["--disable-gpu"])
        for name, width in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            for path in paths:
                if arguments.only not in path:
                    continue
                problems += [f"{path} ({name}): {each}" for each in check_page(page, f"{site}/{path}")]
                for theme in THEMES if arguments.pictures else ():
                    page.emulate_media(color_scheme=theme)
                    file = arguments.pictures / f"{name}-{theme}" / f"{path.replace('/', '-')}.png"
                    page.screenshot(path=file, full_page=True, timeout=120_000)
            page.close()
        if not arguments.only:
            problems += check_search(browser, site) + check_clicks(browser, site, paths)
        browser.close()
    print(*problems, sep="\n")
    print(f"{len(paths)} pages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
