"""Pictures of pages in every language, theme and width, each held against WCAG 2.2 AA by axe."""

from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from scim_server.console.languages import LANGUAGES

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
THEMES = ("light", "dark")
SERIOUS = frozenset({"serious", "critical"})
PHONE, DESK = 390, 1280


@dataclass(frozen=True)
class Album:
    """Pictures go into the folder."""

    folder: Path

    def take(self, page: Page, name: str) -> None:
        """The page as it is, in both languages and themes and on a phone; nothing in it may be a serious violation.

        Which is looked for in each theme and in each language, and on the phone.
        """
        at = page.url
        for language, theme in product(LANGUAGES, THEMES):
            self._prefer(page, language, theme)
            page.goto(at)
            assert page.evaluate("document.documentElement.lang") == language
            if (language, theme) in zip(LANGUAGES, cycle(THEMES), strict=False):
                self._check(page)
            self._shoot(page, f"{name}-{language}-{theme}")
        self._prefer(page, "en", "auto")
        page.goto(at)
        page.set_viewport_size({"width": PHONE, "height": 844})
        page.reload()
        self._check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, "the page is wider than a phone"
        self._shoot(page, f"{name}-phone")
        page.set_viewport_size({"width": DESK, "height": 860})
        page.reload()

    def take_once(self, page: Page, name: str) -> None:
        """The page as it is, and no more: what a form was answered with does not come again."""
        self._check(page)
        self._shoot(page, name)

    def _prefer(self, page: Page, language: str, theme: str) -> None:
        base = page.url.partition("/console")[0]
        chosen = {"language": language, "theme": theme}
        page.context.add_cookies(
            [{"name": f"scim-console-{name}", "value": value, "url": base} for name, value in chosen.items()]
        )

    def _check(self, page: Page) -> None:
        found = Axe().run(page, options=RULES).response["violations"]
        told = [
            f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']][:3]}"
            for each in found
            if each["impact"] in SERIOUS
        ]
        assert told == [], "\n".join(told)

    def _shoot(self, page: Page, name: str) -> None:
        path = self.folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=True)
