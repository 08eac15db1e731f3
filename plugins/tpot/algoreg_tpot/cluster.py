"""A Dask cluster that somebody else runs, as the place where pipelines are fitted: patients' rows are sent there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from algoreg.runtime import Failure

CONNECT_S: Final = 10
"""How long a scheduler, and its first worker, may let us wait."""
LOST_S: Final = 20
"""How long a connection may be down."""
_LOOK_S: Final = 1


class Cluster:
    """The workers of one scheduler, behind the two functions that a search needs."""

    def __init__(self, address: str) -> None:
        """Connect to ``tcp://host:port``. Raises Failure naming DASK_SCHEDULER."""
        from tpot.utils.eval_utils import distributed

        self._distributed, self._address = distributed, address
        logging.disable(
            logging.CRITICAL
        )  # Dask tells of a lost connection with tracebacks, and we with a message
        try:
            self._client = distributed.Client(address, timeout=CONNECT_S)
            self._client.wait_for_workers(1, timeout=CONNECT_S)
        except (OSError, ValueError) as error:  # Dask's time-outs are OSErrors, too
            raise Failure(
                f"DASK_SCHEDULER: no scheduler with a worker answers at {address} within {CONNECT_S} s "
                f"({type(error).__name__})"
            ) from None

    def scatter(self, data: Any) -> Any:
        """Send rows to the workers once."""
        return self._client.scatter(data, broadcast=True)

    def each(
        self, evaluate: Callable[..., Any], individuals: Sequence[Any], **data: Any
    ) -> Iterator[tuple[int, Any]]:
        """Results as the workers have them. Raises Failure when the scheduler is gone, or workers lack a library."""
        waiting = {
            self._client.submit(evaluate, individual, pure=False, **data): position
            for position, individual in enumerate(individuals)
        }
        seen = time.monotonic()
        while waiting:
            done = self._done(list(waiting))
            if self._client.status == "running":
                seen = time.monotonic()
            elif time.monotonic() - seen > LOST_S or self._client.status == "closed":
                raise Failure(f"DASK_SCHEDULER: the scheduler at {self._address} was lost during the search")
            for future in done:
                if not future.cancelled():  # cancelled: the connection is down
                    yield waiting.pop(future), self._result(future)

    def _done(self, futures: Sequence[Any]) -> list[Any]:
        with suppress(TimeoutError, self._distributed.CancelledError):
            self._distributed.wait(futures, timeout=_LOOK_S, return_when="FIRST_COMPLETED")
        done = [future for future in futures if future.done()]
        if done and all(future.cancelled() for future in done):
            time.sleep(_LOOK_S)
        return done

    def _result(self, future: Any) -> Any:
        error = future.exception()
        if isinstance(error, ImportError):
            raise Failure(
                f"DASK_SCHEDULER: a worker lacks a library of the search: {error.name or 'unknown'}"
            )
        return ["INVALID"] if error is not None else future.result()
