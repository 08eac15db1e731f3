"""Remembers answers: whoever asks first computes, everybody else who asks the same waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Key -> the one computation of its value; whoever asks first computes, the others wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[Hashable, Future[Any]] = {}

    def recall(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value of ``key``; an exception of ``compute`` is remembered like a value."""
        with self._lock:
            future = self._futures.get(key)
            mine = future is None
            if future is None:
                future = self._futures[key] = Future()
        if mine:
            try:
                future.set_result(compute())
            except BaseException as error:  # noqa: BLE001 - handed on to every thread that asks
                future.set_exception(error)
        result: T = future.result()
        return result

    def known(self, key: Hashable) -> Any:
        """The value of ``key``; None where nobody asked for it, or where it could not be had."""
        with self._lock:
            future = self._futures.get(key)
        return None if future is None or not future.done() or future.exception() else future.result()
