"""XML as strictly as it needs to be for what comes from outside the program.

Nothing is fetched, no entity that a document declares is ever put in, and what is no XML is refused with
the reason. Characters whose names only an absent DTD would declare (``&ldquo;``) are those of HTML; a name
that HTML lacks is one character that is unknown.
Not here: what a document means (the sources' modules).
"""

from __future__ import annotations

import html.entities
import re
from xml.etree import ElementTree

from dlt_sources.documents import DocumentError

NAMES = {name.removesuffix(";"): text for name, text in html.entities.html5.items() if name.endswith(";")}
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_NAME = re.compile(rb"&([A-Za-z][\w.]*);")
_DECLARED = re.compile(rb"<!ENTITY\s+[^>]*>")
_IS_FILE = re.compile(rb"<!ENTITY\s+[\w.-]+\s+(SYSTEM|PUBLIC)\s[^>]*\sNDATA\s+[\w.-]+\s*>")  # never text
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*\sencoding=[\"']([\w.-]+)")


def tree(data: bytes) -> ElementTree.Element:
    """The root element of an XML document in UTF-8.

    Raises:
        DocumentError: it is no well-formed XML, in another encoding, or declares an entity that is text or
            another document.
    """
    encoding = _ENCODING.match(data[:200])
    if b"\0" in data or (encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii")):
        raise DocumentError("not XML in UTF-8")
    for entity in _DECLARED.finditer(data):
        if not _IS_FILE.fullmatch(entity[0]):
            raise DocumentError(f"declares an entity ({entity[0][:60].decode(errors='replace')})")
    if data.count(b"<!ENTITY") != len(_DECLARED.findall(data)):
        raise DocumentError("declares an entity that does not end")
    parser = ElementTree.XMLParser()
    names = {name.decode() for name in _NAME.findall(data)}
    parser.entity.update({name: NAMES.get(name, UNKNOWN) for name in names})
    try:
        parser.feed(data)
        return parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise DocumentError(f"not XML ({error})") from None


def words(element: ElementTree.Element | None) -> str | None:
    """All text in an element with single blanks; null where there is none."""
    return None if element is None else " ".join("".join(element.itertext()).split()) or None
