"""Ask a web address whether it still answers; nothing is kept of what it says."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from zonnekaart import __version__

_BROKEN, _REFUSES_HEAD = 400, frozenset({403, 405, 501})


@dataclass
class AddressBook:
    """
    Asks addresses one by one, each host at most once per interval.

    Parameters
    ----------
    interval_s : float
        Between two requests to one host. [s]
    timeout_s : float
        Longest silence. [s]
    transport : httpx.BaseTransport, optional
        In place of the network.
    """

    interval_s: float = 1.0
    timeout_s: float = 20.0
    transport: httpx.BaseTransport | None = None
    _last: dict[str, float] = field(default_factory=dict)

    def trouble(self, address: str) -> str | None:
        """
        Return what is wrong with an address, or None when it answers.

        Parameters
        ----------
        address : str
            Beginning with ``http://`` or ``https://``.
        """
        host = urlsplit(address).netloc
        wait = self.interval_s - (time.monotonic() - self._last.get(host, -self.interval_s))
        if wait > 0:
            time.sleep(wait)
        try:
            with httpx.Client(
                timeout=self.timeout_s,
                follow_redirects=True,
                transport=self.transport,
                headers={"User-Agent": f"zonnekaart/{__version__}"},
            ) as client:
                status = client.head(address).status_code
                if status in _REFUSES_HEAD:
                    with client.stream("GET", address) as answer:
                        status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return str(error) or type(error).__name__
        finally:
            self._last[host] = time.monotonic()
        return f"status {status}" if status >= _BROKEN else None
