#!/usr/bin/env python3
"""Follows the links of Markdown and HTML files: a file must be there, an anchor in it, too. Web addresses are only asked
for with --external.
Usage: links.py [--external] FILE..."""
import html.parser
import pathlib
import re
import sys
import urllib.parse
import urllib.request


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.anchors.add(value)
            elif name in ("href", "src"):
                self.links.append(value)


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))


def anchor_of(heading):
    """As GitHub and pandoc's gfm_auto_identifiers make it."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def read(path):
    """(anchors, links) of a file."""
    text = path.read_text()
    if path.suffix == ".html":
        page = Page(text)
        return page.anchors, page.links
    headings = re.findall(r"^#{1,6} (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {anchor_of(heading) for heading in headings}, re.findall(r"\]\(([^)\s]+)\)", without_code(text))


def answers(address):
    try:
        request = urllib.request.Request(address, headers={"User-Agent": "links"}, method="HEAD")
        return urllib.request.urlopen(request, timeout=20).status < 400
    except OSError:
        return False


def broken(path, external=False):
    """A sentence for each link of the file that leads nowhere."""
    for link in read(path)[1]:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme in ("http", "https"):
            if external and not answers(link):
                yield f"{path}: {link} does not answer"
            continue
        if parts.scheme:
            continue
        target = path.parent / urllib.parse.unquote(parts.path) if parts.path else path
        if not target.exists():
            yield f"{path}: {link}: there is no such file"
        elif parts.fragment and target.suffix in (".md", ".html") and parts.fragment not in read(target)[0]:
            yield f"{path}: {link}: there is no such heading"


def main():
    words = sys.argv[1:]
    external = "--external" in words
    problems = [p for word in words if word != "--external" for p in broken(pathlib.Path(word), external)]
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
