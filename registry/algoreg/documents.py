"""Reads the text of a metadata document, YAML or JSON, into plain JSON values that remember their lines.

Only what both languages mean alike is let through: YAML's aliases, tags, timestamps and other surprises are
refused here. Whether the values make sense is ``metadata``'s question.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Never

from algoreg import strictjson
from algoreg.contract import JSON_MAX_DEPTH, METADATA_MAX_BYTES
from algoreg.errors import MetadataError
from algoreg.schemas import json_path, shown

if TYPE_CHECKING:
    import yaml

UNFIT = "document.value"
"""Rule of what is readable and still no value: an integer beyond 2^53, a NUL character."""

Syntax = Literal["yaml", "json"]

_MAX_INTEGER = 2**53
"""Beyond it, readers of JSON that use doubles (Woken's, JavaScript's) see another number."""
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_YAML_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One defect of a document: where, which rule, what is wrong, and what to write instead."""

    path: str
    """JSON path, ``$`` for the document as a whole."""
    rule: str
    """``document.x`` (unreadable), ``schema.keyword``, or the name of a consistency rule."""
    message: str
    fix: str
    line: int | None = None
    """Counted from 1; None where the text has no lines worth naming (a label)."""
    column: int | None = None

    def text(self, origin: str) -> str:
        """The problem as one line, the way compilers write it."""
        where = origin if self.line is None else f"{origin}:{self.line}"
        return f"{where}: {self.path}: {self.message} [{self.rule}]; fix: {self.fix}"


@dataclass(frozen=True, kw_only=True)
class Node:
    """Where a value stands in the text, and where its parts stand."""

    line: int
    column: int
    text: str | None = None
    """How a scalar without quotes is written: ``0.10`` where the value is 0.1."""
    parts: Mapping[str | int, Node] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A metadata document: its values, as JSON knows them, and where they stand."""

    origin: str
    """What messages call it: a file, or the label of an image."""
    syntax: Syntax
    data: Any = field(repr=False)
    root: Node | None = field(default=None, repr=False, compare=False)

    def locate(self, at: tuple[str | int, ...]) -> Node | None:
        """The deepest place on the way to ``at`` that the text has; None without lines."""
        node = self.root
        for step in at:
            if node is None or step not in node.parts:
                break
            node = node.parts[step]
        return node

    def problem(self, at: tuple[str | int, ...], *, rule: str, message: str, fix: str) -> Problem:
        """A problem at ``at``, with its line."""
        node = self.locate(at)
        return Problem(
            path=json_path(at),
            rule=rule,
            message=message,
            fix=fix,
            line=node.line if node else None,
            column=node.column if node else None,
        )


def refusal(origin: str, problems: tuple[Problem, ...]) -> MetadataError:
    """The exception that carries ``problems``, the first of them as its message."""
    texts = tuple(problem.text(origin) for problem in problems)
    more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
    unfit = all(problem.rule == UNFIT for problem in problems)
    return MetadataError(f"{texts[0]}{more}", problems=texts, unfit=unfit)


def read_document(
    data: bytes | str, origin: str, *, syntax: Syntax, max_bytes: int = METADATA_MAX_BYTES
) -> Document:
    """The values of ``data``, or MetadataError when it cannot be read as strict JSON or plain YAML."""
    reader = _Reader(origin, max_bytes)
    raw = reader.bytes_of(data)
    return reader.json(raw) if syntax == "json" else reader.yaml(raw)


def read_texts(data: bytes, origin: str) -> Document:
    """YAML that somebody else wrote for another reader: as bounded, and every scalar is the text that stands there."""
    reader = _Reader(origin, METADATA_MAX_BYTES)
    return reader.yaml(reader.bytes_of(data), texts=True)


class _Reader:
    """Turns every way in which text can be unreadable into a MetadataError about ``origin``."""

    def __init__(self, origin: str, max_bytes: int) -> None:
        self._origin = origin
        self._max_bytes = max_bytes

    def _refuse(self, problem: Problem) -> Never:
        raise refusal(self._origin, (problem,))

    def _refuse_whole(self, rule: str, message: str, fix: str) -> Never:
        self._refuse(Problem(path="$", rule=f"document.{rule}", message=message, fix=fix))

    def bytes_of(self, data: bytes | str) -> bytes:
        """``data`` as UTF-8 of an accepted size."""
        try:
            raw = data.encode("utf-8") if isinstance(data, str) else data
            raw.decode("utf-8")
        except UnicodeError:
            self._refuse_whole("encoding", "the text is not UTF-8", "save it as UTF-8")
        if len(raw) > self._max_bytes:
            self._refuse_whole(
                "size", f"{len(raw)} bytes, at most {self._max_bytes} are read", "shorten the descriptions"
            )
        return raw

    def json(self, raw: bytes) -> Document:
        """The document of a label."""
        try:
            data = strictjson.parse(raw)
        except strictjson.NotStrictJson as error:
            self._refuse_whole("json", f"not strict JSON: {error}", "write the label with algoreg build")
        for leaf in strictjson.leaves(data):
            if fault := _fault(leaf):
                self._refuse_whole("value", *fault)
        return Document(origin=self._origin, syntax="json", data=data)

    def yaml(self, raw: bytes, *, texts: bool = False) -> Document:
        """The document of a file."""
        import yaml

        try:
            data, root = _Composer(self._origin, texts=texts).compose(raw.decode("utf-8-sig"))
        except yaml.MarkedYAMLError as error:
            self._refuse(_syntax_problem(error))
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # ReaderError (unprintable characters), and escapes such as "\U00110000", which PyYAML lets pass
            # to chr().
            self._refuse_whole("yaml", f"not YAML: {str(error).splitlines()[0]}", "save it as plain text")
        if root is None:
            self._refuse_whole("empty", "there is nothing in it", "write at least the required keys")
        return Document(origin=self._origin, syntax="yaml", data=data, root=root)


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    context = f" {error.context}," if error.context else ""
    return Problem(
        path="$",
        rule="document.yaml",
        message=f"not YAML:{context} {error.problem}".replace("\n", " "),
        fix="look at the indentation, colons and quotes of this line and the one before",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
    )


def _fault(value: Any) -> tuple[str, str] | None:
    """What makes a scalar unfit for JSON or for an environment variable, and the remedy."""
    if isinstance(value, float) and not math.isfinite(value):
        return "a number is not finite", "write a number that a double can hold"
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        return "a whole number is beyond 2^53", "write a smaller number, or text in quotes"
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value)):
        return "a text holds a NUL character or half a surrogate pair", "remove the character"
    return None


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been seen."""

    start: yaml.Event
    value: dict[str, Any] | list[Any]
    parts: dict[str | int, Node] = field(default_factory=dict)
    key: str | None = None
    key_event: yaml.Event | None = None


class _Composer:
    """Builds values from YAML's events, without recursion, so that nesting costs memory and no stack."""

    def __init__(self, origin: str, *, texts: bool) -> None:
        import yaml

        self._origin = origin
        self._texts = texts
        self._yaml = yaml
        self._resolver = yaml.resolver.Resolver()
        self._open: list[_Open] = []

    def compose(self, text: str) -> tuple[Any, Node | None]:
        """The one document of ``text``."""
        result: tuple[Any, Node | None] | None = None
        for event in self._events(text):
            done = self._take(event)
            if done is not None and result is not None:
                self._refuse(event, "one", "a second document begins", "keep one document per file")
            result = done or result
        return result or (None, None)

    def _events(self, text: str) -> Iterator[yaml.Event]:
        events: Iterator[yaml.Event] = self._yaml.parse(text, Loader=self._yaml.SafeLoader)
        return events

    def _refuse(self, event: yaml.Event, rule: str, message: str, fix: str) -> Never:
        steps = (len(one.value) if isinstance(one.value, list) else one.key for one in self._open)
        here = _node(event)
        problem = Problem(
            path=json_path(tuple(step for step in steps if step is not None)),
            rule=f"document.{rule}",
            message=message,
            fix=fix,
            line=here.line,
            column=here.column,
        )
        raise refusal(self._origin, (problem,))

    def _take(self, event: yaml.Event) -> tuple[Any, Node] | None:
        """Add one event; the whole document when it ends with this one."""
        yaml = self._yaml
        if isinstance(event, yaml.NodeEvent):
            self._check_node(event)
        if isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            frame = self._open.pop()
            return self._add(frame.start, frame.value, _node(frame.start, parts=frame.parts))
        elif isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return None

    def _check_node(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, "alias", "anchors and aliases are not read", "write the value out")
        if (tag := getattr(event, "tag", None)) is not None:
            self._refuse(event, "tag", f"the tag {shown(tag)} is not read", "remove the tag")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if self._is_key():
            self._refuse(event, "key", "a key is not text", "write a plain key")
        if len(self._open) >= JSON_MAX_DEPTH:
            self._refuse(event, "depth", f"nested deeper than {JSON_MAX_DEPTH} levels", "flatten it")
        mapping = isinstance(event, self._yaml.MappingStartEvent)
        self._open.append(_Open(start=event, value={} if mapping else []))

    def _is_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _scalar(self, event: yaml.ScalarEvent) -> tuple[Any, Node] | None:
        value = self._resolve(event)
        if not self._is_key():
            return self._add(event, value, _node(event, text=event.value if event.implicit[0] else None))
        frame = self._open[-1]
        if not isinstance(value, str):
            self._refuse(event, "key", f"the key {shown(event.value)} is not text", "put it in quotes")
        if value in frame.parts:
            first = frame.parts[value].line
            self._refuse(
                event, "duplicate", f"the key {shown(value)} stands here and in line {first}", "remove one"
            )
        frame.key, frame.key_event = value, event
        return None

    def _add(self, event: yaml.Event, value: Any, node: Node) -> tuple[Any, Node] | None:
        if not self._open:
            return value, node
        frame = self._open[-1]
        if isinstance(frame.value, list):
            frame.parts[len(frame.value)] = node
            frame.value.append(value)
        elif frame.key is not None:
            frame.parts[frame.key] = _node(frame.key_event or event, text=node.text, parts=node.parts)
            frame.value[frame.key] = value
            frame.key = None
        return None

    def _resolve(self, event: yaml.ScalarEvent) -> Any:
        """The JSON value of a scalar, where YAML 1.1, YAML 1.2 and JSON agree on it."""
        text: str = event.value
        value = _plain(text, self._tag(event)) if event.implicit[0] and not self._texts else text
        if value is ...:
            self._refuse(
                event,
                "ambiguous",
                f"{shown(text)} is read differently by different readers of YAML",
                f"for text write {shown(text)} in quotes, else write it as JSON does",
            )
        if fault := _fault(value):
            self._refuse(event, "value", *fault)
        return value

    def _tag(self, event: yaml.ScalarEvent) -> str:
        tag: str = self._resolver.resolve(self._yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        return tag.removeprefix(_YAML_TAG)


def _node(
    event: yaml.Event, *, text: str | None = None, parts: Mapping[str | int, Node] | None = None
) -> Node:
    mark = event.start_mark
    assert mark is not None  # both loaders of PyYAML set it; the stubs do not know
    return Node(line=mark.line + 1, column=mark.column + 1, text=text, parts=parts or {})


def _plain(text: str, tag: str) -> Any:
    """The value of a scalar without quotes, or ``...`` where readers disagree (``yes``, ``010``, ``1e5``)."""
    number = _JSON_NUMBER.fullmatch(text)
    if tag == "str":
        return ... if number else text
    if tag == "null":
        return None
    if tag == "bool":
        return {"true": True, "false": False}.get(text.lower(), ...)
    if tag == "int" and number:
        return int(text) if len(text) < 400 else math.inf
    return float(text) if tag == "float" and number else ...
