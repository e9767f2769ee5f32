"""The last step before the network, and the first after it: keys, where a host really is, and budgets.

Above this module no request holds a key and no address is another than the publisher's: a key is put on a
copy of the request for the service's own hosts, and is taken out of whatever comes back. So neither a log, a
journal, an error nor a redirect can carry one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from dlt.sources.helpers.requests import RequestException, Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.models import PreparedRequest
from requests.structures import CaseInsensitiveDict

from dlt_sources.fetch.errors import BudgetSpentError, KeyAbsentError
from dlt_sources.fetch.service import Service, ServiceKey

HIDDEN = "***"


@dataclass
class Budget:
    """What a fetch may ask for: requests that go out, and bytes that come in."""

    requests: int | None = None
    bytes: int | None = None
    asked: int = field(default=0, init=False)
    read: int = field(default=0, init=False)

    def ask(self) -> None:
        if self.requests is not None and self.asked >= self.requests:
            raise BudgetSpentError(f"{self.asked} requests are asked, as many as were allowed")
        self.asked += 1

    def take_in(self, count: int) -> None:
        self.read += count
        if self.bytes is not None and self.read > self.bytes:
            raise BudgetSpentError(f"{self.bytes:,} bytes are read, as many as were allowed")


@dataclass(frozen=True)
class Secret:
    """A key's value, which is shown nowhere."""

    key: ServiceKey | None
    value: str = field(default="", repr=False)

    @classmethod
    def of(cls, service: Service, environment: Mapping[str, str] | None = None) -> Secret:
        """The service's key from the environment.

        Raises:
            KeyAbsentError: it needs one, and there is none.
        """
        key = service.key
        value = key.value(environment) if key else ""
        if key and key.is_needed and not value:
            raise KeyAbsentError(
                f"fetch: {service.source}: skipped: no {key.env} in the environment; {key.how}"
            )
        return cls(key, value)

    def put_on(self, request: PreparedRequest) -> None:
        """Add the key to a request that goes to one of the service's own hosts."""
        if not self.key or not self.value:
            return
        if self.key.header:
            request.headers[self.key.header] = self.key.prefix + self.value
        if self.key.parameter:
            parts = urlsplit(str(request.url))
            kept = [
                pair
                for pair in parse_qsl(parts.query, keep_blank_values=True)
                if pair[0] != self.key.parameter
            ]
            query = urlencode([*kept, (self.key.parameter, self.value)])
            request.url = urlunsplit(parts._replace(query=query))

    def hide(self, text: str) -> str:
        """The text without the key, whichever way it is spelled in an address."""
        if not self.value:
            return text
        for spelling in {self.value, quote(self.value, safe=""), quote(self.value)}:
            text = text.replace(spelling, HIDDEN)
        return text

    def hide_in_bytes(self, data: bytes) -> bytes:
        value = self.value.encode()
        return data.replace(value, HIDDEN.encode()) if value and value in data else data


class _HidingFilter(logging.Filter):
    """What the library below says of addresses, which hold keys there, is said by nobody."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR


def silence_addresses() -> None:
    """urllib3 logs each address with its query, keys and signatures in it."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, _HidingFilter) for known in logger.filters):
            logger.addFilter(_HidingFilter())


class NoLogin(AuthBase):
    """Else requests would look for passwords in a file of the user's, for any host."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


class Wire(HTTPAdapter):
    """Sends a copy of a request with the key on it, to where the host really is.

    ``stand_in``: an address under which all hosts are found, as ``<stand_in>/<host>/<path>``; a server for
    tests, or a mirror.
    """

    def __init__(self, service: Service, secret: Secret, budget: Budget, stand_in: str | None) -> None:
        super().__init__()
        self.service, self.secret, self.budget = service, secret, budget
        self.stand_in = stand_in.rstrip("/") if stand_in else None

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """As requests' own.

        Raises:
            RequestException: as its kind is, without the address and what hangs on it.
            BudgetSpentError: no more requests are allowed.
        """
        self.budget.ask()
        real = request.copy()
        parts = urlsplit(str(request.url))
        if parts.hostname in self.service.hosts and (parts.scheme == "https" or self.stand_in):
            self.secret.put_on(real)
        if self.stand_in:
            path = urlunsplit(("", "", *urlsplit(str(real.url))[2:]))
            real.url = f"{self.stand_in}/{parts.hostname}{path}"
            kwargs["proxies"] = None
        try:
            response = super().send(real, *args, **kwargs)
        except RequestException as error:
            failure = type(error)(f"{parts.hostname}: {type(error).__name__}")
        else:
            response.url, response.request = str(request.url), request
            response.headers = CaseInsensitiveDict(
                {name: self.secret.hide(value) for name, value in response.headers.items()}
            )
            return response
        raise failure  # out here nothing hangs on it
