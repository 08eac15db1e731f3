"""Writes YAML that YAML 1.1 and 1.2 read alike: every text is quoted that any reader could take for something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_NO_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


def dump(documents: Iterable[Any]) -> str:
    """The documents in block style, keys in their order."""
    import yaml

    class Quoting(yaml.SafeDumper):
        """No aliases, and texts in double quotes."""

        def ignore_aliases(self, data: Any) -> bool:
            """Never: not every reader knows them."""
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        plain = _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')

    Quoting.add_representer(str, text)
    return yaml.dump_all(
        documents, Dumper=Quoting, sort_keys=False, default_flow_style=False, width=2**31, allow_unicode=True
    )
