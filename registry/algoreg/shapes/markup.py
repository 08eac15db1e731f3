"""Judges HTML and SVG with parsers that build no tree, follow no address and expand no entity.

HTML is read as browsers read it (the HTML standard's tokenizer, in libxml2), so nothing but the absence of any element,
or an end inside a tag, is an error. SVG is XML, read strictly by expat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from algoreg.shapes.defects import Broken, bounded, refuse_json_string

_SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
"""Namespace and name, SVG 1.1 and 2."""
_IMPLIED = frozenset({"html", "head", "body"})
"""Elements that every HTML document has, written or not."""
_WRITTEN = re.compile(r"<(?:html|head|body)[\s/>]", re.IGNORECASE)
_UNFINISHED = re.compile(r"<[/!?]?[A-Za-z-][^<>]{0,1000}\Z")
_MAX_DEPTH = 1000
"""Of SVG elements; drawing programs nest some dozens."""


class _Elements:
    """Target of a parser: remembers the first element, how deep it goes, and whether any was written."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.written = False
        self._depth = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.root = self.root or tag
        self.written = self.written or tag not in _IMPLIED
        self._depth += 1

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._depth -= 1

    def data(self, _text: str) -> None:
        """Text is of no interest."""

    def close(self) -> None:
        """The document ends."""


class _Bounded(_Elements):
    """The same, with a bound on depth."""

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """An element begins. Raises Broken when it is too deep."""
        super().start(tag, _attributes)
        if self._depth > _MAX_DEPTH:
            raise Broken("svg: nested too deep", expected=f"at most {_MAX_DEPTH:,} levels", got="more")


def html(data: str) -> None:
    """Raises Broken when ``data`` is not a document or fragment with at least one HTML element."""
    from lxml import etree

    refuse_json_string(data, "HTML")
    raw = bounded(data)
    elements = _Elements()
    parser = etree.HTMLParser(target=elements, no_network=True, recover=True, encoding="utf-8")
    try:
        parser.feed(raw)
        parser.close()
    except etree.LxmlError as error:
        raise Broken("html: it cannot be read", expected="HTML", got=str(error)[:100]) from error
    if not elements.written and not _WRITTEN.search(data):
        raise Broken("html: there is no element in it", expected="at least one element", got="none")
    if _UNFINISHED.search(data.rstrip()[-1001:]):
        raise Broken("html: it ends inside a tag", expected="a whole document", got="no > at the end")


def svg(data: str) -> None:
    """Raises Broken when ``data`` is not well-formed XML with the root element svg of the SVG namespace.

    A document type without declarations, as matplotlib and R write it, is accepted and not fetched.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    refuse_json_string(data, "SVG")
    bounded(data)
    elements = _Bounded()
    parser = DefusedXMLParser(target=elements, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(data.lstrip("\r\n\t "))
        parser.close()
    except DefusedXmlException as error:
        raise Broken(
            "svg: it declares an entity", expected="no entities", got=type(error).__name__
        ) from error
    except (ParseError, ValueError) as error:
        if isinstance(error, Broken):
            raise
        raise Broken("svg: it is not well-formed XML", expected="XML", got=str(error)[:100]) from error
    if elements.root != _SVG_ROOT:
        raise Broken(
            "svg: the root element is another",
            expected=f"svg in the namespace {_SVG_ROOT[1:-4]}",
            got=(elements.root or "none")[:100],
        )
