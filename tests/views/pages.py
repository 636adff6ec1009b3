"""Reads an HTML view the way a browser and a screen reader do."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"br", "img", "path", "use", "meta", "link", "input"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text; fails on tags that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []  # (innermost tag, text)
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append((self.open[-1], data))

    @property
    def text(self) -> str:
        return " ".join(text for _, text in self.texts)

    def within(self, tag: str) -> list[str]:
        return [text for inner, text in self.texts if inner == tag]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}
