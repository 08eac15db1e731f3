"""How each fault is made: a changed copy of an otherwise good setting."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from algoreg import contract, job
from algoreg.faults.setting import Setting


def without_file(name: str) -> Callable[[Setting], Setting]:
    """The file is not there."""
    return lambda s: replace(s, files={k: v for k, v in s.files.items() if k != name})


def not_json(name: str) -> Callable[[Setting], Setting]:
    """The file breaks off in the middle of a text."""
    return lambda s: replace(s, files={**s.files, name: b'{"query_features": "SELECT'})


def without_key(name: str, key: str) -> Callable[[Setting], Setting]:
    """The file lacks a key."""

    def inject(setting: Setting) -> Setting:
        document = setting.document(name)
        del document[key]
        return setting.with_document(name, document)

    return inject


def half_pipeline(setting: Setting) -> Setting:
    """The pipeline's first half."""
    document = setting.document(contract.INPUT_TEST)
    text = document["pipeline"]
    return setting.with_document(contract.INPUT_TEST, {**document, "pipeline": text[: len(text) // 2]})


def code_for_pipeline(setting: Setting) -> Setting:
    """Python in the pipeline's place, which would leave a file behind."""
    document = setting.document(contract.INPUT_TEST)
    code = f"__import__('os').system('touch {contract.VOLUME}/{setting.canary}')"
    return setting.with_document(contract.INPUT_TEST, {**document, "pipeline": code})


def without_meta(setting: Setting) -> Setting:
    """PARAM_meta is not set."""
    return replace(setting, environment={k: v for k, v in setting.environment.items() if k != "PARAM_meta"})


def undescribed(setting: Setting) -> Setting:
    """PARAM_meta lacks the first covariable."""
    meta = setting.sample.meta()
    del meta[setting.sample.covariables[0].code]
    return setting.with_environment(PARAM_meta=json.dumps(meta))


def without_science(setting: Setting) -> Setting:
    """No IN_* is set."""
    kept = {k: v for k, v in setting.environment.items() if not k.startswith("IN_")}
    return replace(setting, environment=kept)


def rewritten(change: Callable[[Setting, str], str]) -> Callable[[Setting], Setting]:
    """Change every query of a run: those of the input file, and PARAM_query."""

    def inject(setting: Setting) -> Setting:
        changed = setting.with_environment(PARAM_query=change(setting, setting.environment["PARAM_query"]))
        if contract.INPUT_TRAINING not in setting.files:
            return changed
        document = setting.document(contract.INPUT_TRAINING)
        for key in ("query_features", "query_targets"):
            document[key] = change(setting, document[key])
        return changed.with_document(contract.INPUT_TRAINING, document)

    return inject


ABSENT_TABLE = "no_such_table"
ABSENT_COLUMN = "no_such_column"


def absent_table(setting: Setting, query: str) -> str:
    """The query names a table that does not exist."""
    return query.replace(f'FROM "{setting.sample.table}"', f'FROM "{ABSENT_TABLE}"')


def absent_column(_setting: Setting, query: str) -> str:
    """The query names a column that does not exist."""
    return query.replace("SELECT ", f'SELECT "{ABSENT_COLUMN}", ', 1)


def no_row(_setting: Setting, query: str) -> str:
    """The query returns nothing."""
    word = "AND" if " WHERE " in query else "WHERE"
    return query.replace(" ORDER BY ", f" {word} 1 = 0 ORDER BY ")


def filtered(setting: Setting, query: str) -> str:
    """The query leaves out what Woken's filter leaves out: rows in which the variable is NULL."""
    word = "AND" if " WHERE " in query else "WHERE"
    return query.replace(" ORDER BY ", f' {word} "{setting.sample.variable.name}" IS NOT NULL ORDER BY ')


def closed_port(setting: Setting) -> Setting:
    """Nothing listens where the science database should be."""
    port = str(setting.closed_port)
    old = setting.environment
    url = old["IN_JDBC_URL"].replace(f":{old['IN_PORT']}/", f":{port}/")
    return setting.with_environment(IN_PORT=port, IN_JDBC_URL=url)


def wrong_password(setting: Setting) -> Setting:
    """The science database refuses the login."""
    wrong = setting.environment["IN_PASSWORD"][::-1] + "x"
    return setting.with_environment(IN_PASSWORD=wrong, IN_JDBC_PASSWORD=wrong)


def parameter(code: str, value: str) -> Callable[[Setting], Setting]:
    """A parameter has this text."""
    return lambda s: s.with_environment(**job.model_parameters({code: value}))
