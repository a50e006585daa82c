"""Heavy work takes turns: so much at once, so much waiting, and the rest is sent away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

from zonnekaart.api.errors import CrowdedError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """
    A bounded queue in front of the threads.

    Parameters
    ----------
    at_once : int
        Work that runs at the same time; more would only fight for the same cores.
    waiting : int
        Requests that may stand in line.
    patience_s : float
        How long one stands in line. [s]
    """

    def __init__(self, at_once: int, waiting: int, patience_s: float) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._room, self._patience_s = waiting, patience_s
        self.waiting = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """
        Do work in a thread when it is our turn.

        Raises
        ------
        CrowdedError
            If too many wait already, or no place came free in time.
        """
        await self._wait()
        try:
            return await run_in_threadpool(work, *args, **kwargs)
        finally:
            self._places.release()

    async def _wait(self) -> None:
        if self.waiting >= self._room:
            raise CrowdedError(f"{self.waiting} requests wait already")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise CrowdedError(f"no turn came in {self._patience_s} s") from error
        finally:
            self.waiting -= 1
