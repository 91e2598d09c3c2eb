"""Pages as browsers take them apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

READ_OUT = ("aria-label", "placeholder", "title", "alt")
"""Attributes whose text somebody sees or hears."""

SILENT = frozenset({"script", "style", "code", "pre"})
VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "option"})
"""Elements that have no end of their own."""


@dataclass(frozen=True)
class Element:
    """The beginning of one, and the form that it is in, by its place among the page's forms."""

    tag: str
    attributes: Mapping[str, str]
    form: int | None = None


@dataclass
class Markup(HTMLParser):
    """What a page is made of: elements in order, and texts; those that are no page's own words are not among them.

    Such are scripts and styles, code, and what is marked as being in a language of its own.
    """

    source: str
    elements: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._form: int | None = None
        self._forms = 0
        self._silent: list[str] = []
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "form":
            self._form, self._forms = self._forms, self._forms + 1
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, attributes, self._form))
        if (self._silent or tag in SILENT or (tag != "html" and "lang" in attributes)) and tag not in VOID:
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))

    def every(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def said(self) -> Iterator[str]:
        """Each text that somebody sees or hears."""
        yield from self.texts
        for element in self.elements:
            yield from (" ".join(element.attributes[name].split()) for name in READ_OUT if element.attributes.get(name))

    def links(self) -> Iterator[str]:
        """Each address that a click, the sending of a form or a script of ours asks by GET."""
        for element in self.elements:
            for name in ("href", "hx-get"):
                if element.tag != "link" and name in element.attributes:
                    yield element.attributes[name]
            if element.tag == "form" and element.attributes.get("method", "get") == "get":
                yield element.attributes.get("action", "")

    def forms_sent(self) -> Iterator[tuple[Element, list[Element]]]:
        """Each form that is sent by POST, with what is in it."""
        for element in self.every("form"):
            if element.attributes.get("method") == "post":
                yield element, [each for each in self.elements if each.form == element.form]
