"""Fixtures of the runtime's tests."""

from support.clinic import author, clinic, server
from support.titus import titus

__all__ = ["author", "clinic", "server", "titus"]
