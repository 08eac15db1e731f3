"""What is baked into an image is told by name or form, and names that only speak of secrets are left alone."""

from __future__ import annotations

import pytest

from algoreg.credentials import why


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSWORD", "x"),
        ("DB_PASSWORD", "1234"),
        ("dbPassword", "x"),
        ("PGPASSWORD", "x"),
        ("MYSQL_ROOT_PASSWD", "x"),
        ("DB_PASS", "x"),
        ("MYSQL_PWD", "x"),
        ("GITHUB_TOKEN", "x"),
        ("npm-token", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("API_KEY", "x"),
        ("APIKEY", "x"),
        ("STRIPE_API_KEY_2", "x"),
        ("SSH_PRIVATE_KEY", "x"),
        ("GOOGLE_CREDENTIALS", "{}"),
        ("DATABASE_URL", "postgresql://app:x@db/science"),
        ("HTTP_PROXY", "http://me:x@proxy:3128"),
        ("PIP_INDEX_URL", "a https://b/ https://me:x@index.example.org/simple"),
        ("CONF", "AKIAIOSFODNN7EXAMPLE"),
        ("CONF", "ghp_" + "a" * 36),
        ("CONF", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ("CONF", "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_a_credential_is_found(name: str, value: str) -> None:
    reason = why(name, value)
    assert reason is not None
    assert value == "x" or value not in reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/usr/bin"),
        ("PWD", "/opt"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "  "),
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("PGPASSFILE", "/run/secrets/pgpass"),
        ("SSH_PRIVATE_KEY_PATH", "/x"),
        ("MAX_TOKENS", "4096"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("REQUIRE_TOKEN", "true"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
        ("COMPASS", "north"),
        ("KEY_COLUMN", "subjectcode"),
        ("DATABASE_URL", "postgresql://db:5432/science"),
        ("DATABASE_URL", "postgresql://reader@db:5432/science"),
        ("HOMEPAGE", "https://example.org/a:b@c"),
        ("PYTHON_SHA256", "a" * 64),
        ("FUNCTION", "python-knn"),
    ],
)
def test_what_is_none_is_left_alone(name: str, value: str) -> None:
    assert why(name, value) is None


def test_a_hostile_value_costs_no_time() -> None:
    for text in ("a" * 10**6, "://" * 10**5, "http://" + ":@" * 10**5, "-----BEGIN " * 10**5, "A" * 10**6):
        why("X" * 10**5, text)
