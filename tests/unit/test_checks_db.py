"""Which id answers for a statement that PostgreSQL noted."""

from __future__ import annotations

import pytest

from algoreg.checks.db import _class_of
from algoreg.databases.protocol import Role, Statement

DENIED = "permission denied for table features"


@pytest.mark.parametrize(
    ("text", "denied", "id"),
    [
        ("UPDATE features SET age = 1", DENIED, "db.science-write"),
        ("WITH gone AS (DELETE FROM features RETURNING *) SELECT * FROM gone", DENIED, "db.science-write"),
        ("DROP TABLE features", "must be owner of table features", "db.science-write"),
        ("SELECT lo_create(0)", "permission denied for function lo_create", "db.science-write"),
        ("CREATE TABLE mine (a integer)", None, "db.science-write"),
        ("SELECT * FROM pg_authid", "permission denied for table pg_authid", ""),
        ("WITH a AS (SELECT 1) SELECT * FROM pg_authid", "permission denied for table pg_authid", ""),
    ],
)
def test_on_the_science_database(text: str, denied: str | None, id: str) -> None:
    assert _class_of(Statement(role=Role.SCIENCE, text=text, denied=denied)) == id


@pytest.mark.parametrize(
    ("text", "denied", "id"),
    [
        ("UPDATE job_result SET data = ''", "permission denied for table job_result", "db.results-foreign"),
        ("TRUNCATE job_result", "permission denied for table job_result", "db.results-foreign"),
        ("CREATE TRIGGER t ...", "permission denied for table job_result", "db.privilege"),
        ("ALTER ROLE current_user PASSWORD 'x'", None, "db.privilege"),
        ("SET ROLE postgres", 'permission denied to set role "postgres"', "db.privilege"),
    ],
)
def test_on_the_results_database(text: str, denied: str | None, id: str) -> None:
    assert _class_of(Statement(role=Role.RESULTS, text=text, denied=denied)) == id
