"""A session with one service: its turn, its key, its waits, its own idea of an error, and what was kept.

It is dlt's session, so that ``RESTClient`` and dlt's paginators work on it; what dlt's own retry cannot be
told (waits in a service's unit, jitter, a limit to patience, a look inside a 200) is said to tenacity here.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from dlt.sources.helpers.requests import (
    ChunkedEncodingError,
    ConnectionError,
    Request,
    RequestException,
    Response,
    Session,
    Timeout,
    TooManyRedirects,
)
from dlt.sources.helpers.rest_client.client import RESTClient
from requests.models import PreparedRequest
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from dlt_sources.fetch import answers, downloads
from dlt_sources.fetch.answers import Kind
from dlt_sources.fetch.errors import FetchError, NotDataError, PassingError, RefusedError, WaitTooLongError
from dlt_sources.fetch.ledger import Kept, Ledger, Progress
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.service import Elsewhere, Service
from dlt_sources.fetch.waits import guess
from dlt_sources.fetch.wire import Budget, NoLogin, Secret, Wire, silence_addresses

T = TypeVar("T")
ATTEMPTS = 7
MOST_REDIRECTS = 5
STUDY = "arXiv:2606.15999"  # what is re-implemented; the project has no address that it could give
USER_AGENT = f"chokepoint/{version('chokepoint')} ({STUDY})"
KEPT_HEADERS = ("Content-Type", "Link", "ETag", "Last-Modified", "Date")
PASSING = (408, 425)  # besides the service's limits and whatever is the server's own fault
MOST_WORDS = 200
BROKEN = (ChunkedEncodingError, ConnectionError, Timeout)


class HeldResponse(Response):
    """An answer that is whole, in memory and, where JSON was asked for, read already."""

    parsed: Any = None

    def json(self, **given: Any) -> Any:
        return super().json(**given) if self.parsed is None else self.parsed


class ServiceSession(Session):
    """Asks one service. What is asked inside ``keeping`` is kept there, and answered from there."""

    def __init__(
        self,
        service: Service,
        ledger: Ledger,
        *,
        pace: Pace | None = None,
        budget: Budget | None = None,
        secret: Secret | None = None,
        stand_in: str | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(timeout=60, raise_for_status=False)
        silence_addresses()
        self.service, self.ledger, self.stand_in = service, ledger, stand_in
        self.pace, self.budget = pace or Pace(), budget or Budget()
        self.clock = self.pace.clock
        self.secret = secret or Secret.of(service)
        self.progress: Progress | None = None
        self.have: frozenset[str] = frozenset()  # paths that the archive lists of this source
        self.is_anew = False
        self.elsewhere = Elsewhere()
        self.tell: Callable[[str], None] = lambda _: None  # how far a part is that takes long
        self._asked: set[str] = set()
        self._random = random.Random(seed)
        self.auth = NoLogin()
        self.max_redirects = MOST_REDIRECTS
        self.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **service.headers})
        for scheme in ("https://", "http://"):
            self.mount(scheme, Wire(service, self.secret, self.budget, stand_in))

    # -- what a connector asks with

    def rest(self, base: str, **given: Any) -> RESTClient:
        """dlt's client on this session; say ``paginator`` and ``data_selector``, it guesses them wrong."""
        return RESTClient(base, session=self, **given)

    def json(self, url: str, params: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
        return self.ask(url, params, **kwargs).json()

    def ask(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        *,
        kind: Kind = "json",
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One answer, whole and checked.

        Raises:
            RefusedError: the service says no for good. FetchError: it gave no answer that is one.
        """
        request = Request(method, url, params=params, json=body, headers=dict(headers or {}))
        return self.send(self.prepare_request(request), kind=kind)

    def download(self, url: str, target: Path, **expected: Any) -> bool:
        """A file as it is: see ``downloads.download``. Its address may come of an answer."""
        self.refuse_foreign(url)
        return downloads.download(self, url, target, **expected)

    @contextmanager
    def keeping(self, progress: Progress) -> Iterator[None]:
        """Keep the answers of the block; those that were kept by a fetch before are not asked again."""
        before = self.progress, self._asked
        self.progress, self._asked = progress, set()
        try:
            yield
        finally:
            self.progress, self._asked = before

    # -- how it is asked

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """requests' way in, also for each hop of a redirect, which it follows itself."""
        if kwargs.get("allow_redirects") is False:
            return self._follow(request, **kwargs)
        kind: Kind = kwargs.pop("kind", "json")
        self.refuse_foreign(str(request.url))
        key = self._key(request)
        if key in self._asked:
            raise FetchError(f"{self.place(request)}: leads to the same page again")
        if self.progress is None:
            return self.persist(request, lambda: self._answer(request, kind, **kwargs))
        self._asked.add(key)
        if (kept := self.progress.answer(key)) is not None:
            return self._response(request, str(request.url), kept, kind)
        response = self.persist(request, lambda: self._answer(request, kind, **kwargs))
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        self.progress.keep(key, Kept(response.status_code, headers, response.content))
        return response

    def persist(self, request: PreparedRequest, attempt: Callable[[], T]) -> T:
        """Try until there is an answer, as long as the service's limits and our patience allow.

        Raises:
            WaitTooLongError: the service asks for a longer wait. FetchError: the last attempt failed too.
        """
        began = self.clock.elapsed()

        def is_enough(state: RetryCallState) -> bool:
            return state.attempt_number >= ATTEMPTS or self.clock.elapsed() - began > self.service.patience

        retrying = Retrying(
            retry=retry_if_exception_type(PassingError),
            wait=lambda state: self._wait(state, request),
            stop=is_enough,
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except PassingError as error:
            tried = f"{retrying.statistics['attempt_number']} times in {self.clock.elapsed() - began:.0f} s"
            failure = FetchError(f"{self.place(request)}: {error}; tried {tried}; fetch again later")
        raise failure

    def exchange(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """One request at its host's turn, redirects followed; the body is still to be read.

        Raises:
            PassingError: nothing came. RefusedError, FetchError: nothing will.
        """
        kwargs |= {"stream": True, "allow_redirects": True}
        try:
            response = cast(Response, super().send(request, **kwargs))  # type: ignore[no-untyped-call]
        except TooManyRedirects:
            raise FetchError(f"{self.place(request)}: redirects in a circle") from None
        except BROKEN as error:
            raise PassingError(f"no answer ({error})") from None
        except RequestException as error:
            raise FetchError(f"{self.place(request)}: {error}") from None
        self._judge_status(request, response)
        return response

    @contextmanager
    def turn(self, request: PreparedRequest) -> Iterator[None]:
        host = str(urlsplit(str(request.url)).hostname)
        rest = self.pace.until_free(host, 0)
        self._refuse_long(request, rest)
        with self.pace.turn(host, self.service.hosts.get(host, 0.0)):
            yield

    def _answer(self, request: PreparedRequest, kind: Kind, **kwargs: Any) -> Response:
        with self.turn(request):
            response = self.exchange(request, **kwargs)
            try:
                chunks = downloads.counted(answers.chunks_of(response, self.clock), self.budget)
                body = answers.whole_body(chunks, response.headers.get("Content-Encoding", ""))
                kept = Kept(response.status_code, response.headers, self.secret.hide_in_bytes(body))
                answer = self._response(request, str(response.url), kept, kind)
            except BROKEN as error:
                raise PassingError(str(error), response) from None
            except NotDataError as error:
                if error.is_lasting:
                    raise FetchError(f"{self.place(request)}: {error}") from None
                raise PassingError(str(error), response) from None
            finally:
                response.close()
        self._pause(request, answer)
        return answer

    def _response(self, request: PreparedRequest, url: str, kept: Kept, kind: Kind) -> Response:
        """An answer that is data, in memory, whether it came now or was kept.

        Raises:
            NotDataError: it is none.
        """
        answer = HeldResponse()
        answer.status_code, answer.url, answer.request = kept.status, url, request
        answer.headers.update(kept.headers)
        answer.raw = BytesIO(kept.body)
        content_type = answer.headers.get("Content-Type", "")
        answer.parsed = answers.refuse_what_is_no_data(kept.body, content_type, kind)
        if self.service.check is not None:
            self.service.check(answer)
        return answer

    def _judge_status(self, request: PreparedRequest, response: Response) -> None:
        status = response.status_code
        if status < 400:
            return
        try:
            if status in (*PASSING, *self.service.limited) or status >= 500 or self._is_limit(response):
                raise PassingError(f"status {status}", response)
            said = self._said(response)
        finally:
            response.close()
        raise RefusedError(f"{self.place(request)}: status {status}{said}", status)

    def _is_limit(self, response: Response) -> bool:
        return response.status_code == 403 and self.service.is_limit(response)

    def _said(self, response: Response) -> str:
        """The words of a refusal, where it has some that are for people."""
        if "json" not in response.headers.get("Content-Type", ""):
            return ""
        try:
            body = answers.whole_body(
                answers.chunks_of(response, self.clock), response.headers.get("Content-Encoding", "")
            )
        except (*BROKEN, NotDataError):
            return ""
        return ": " + " ".join(self.secret.hide(body.decode("utf-8", "replace")).split())[:MOST_WORDS]

    def _wait(self, state: RetryCallState, request: PreparedRequest) -> float:
        error = state.outcome.exception() if state.outcome else None
        response = error.response if isinstance(error, PassingError) else None
        asked = None
        if response is not None:
            now = self.clock.now()
            asked = next((w for wait in self.service.waits if (w := wait(response, now)) is not None), None)
        if asked is None:
            return guess(state.attempt_number, self.service.least_wait, self._random)
        host = str(urlsplit(str(request.url)).hostname)
        self.pace.rest(host, asked)  # other processes would only be refused too
        self._refuse_long(request, asked)
        return asked

    def _refuse_long(self, request: PreparedRequest, seconds: float) -> None:
        if seconds > self.service.patience:
            raise WaitTooLongError(
                f"{self.place(request)}: wants no request for {seconds / 60:.0f} minutes; fetch again then"
            )

    def _pause(self, request: PreparedRequest, response: Response) -> None:
        """What a good answer says of the next one."""
        now = self.clock.now()
        pause = max((w for p in self.service.pauses if (w := p(response, now)) is not None), default=0.0)
        if pause > 0:
            self.pace.rest(str(urlsplit(str(request.url)).hostname), pause)

    # -- where it is asked

    def _follow(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """One hop of a redirect. Keys never come along: they are put on for the service's hosts alone."""
        parts = urlsplit(str(request.url))
        host = str(parts.hostname)
        if parts.scheme != "https" or "." not in host or _is_address(host) or parts.username:
            raise FetchError(f"fetch: {self.service.source}: redirected to {parts.scheme}://{host}: refused")
        if host in self.service.hosts:
            self.clock.sleep(self.service.hosts[host])
        return cast(Response, super().send(request, **kwargs))  # type: ignore[no-untyped-call]

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Nothing to take away: no request here carries a key."""

    def refuse_foreign(self, url: str) -> None:
        """A ``next`` that leads elsewhere is not followed: who sent it is not who was asked.

        Raises:
            FetchError: it is none of the service's hosts.
        """
        parts = urlsplit(url)
        if parts.hostname not in self.service.hosts or parts.scheme != "https" or parts.username:
            known = ", ".join(self.service.hosts)
            raise FetchError(
                f"fetch: {self.service.source}: led to {parts.scheme}://{parts.hostname}, "
                f"expected https and one of {known}: refused"
            )

    def place(self, request: PreparedRequest) -> str:
        """Where, without the query, which may hold what is secret."""
        parts = urlsplit(str(request.url))
        return f"fetch: {self.service.source}: {parts.hostname}{parts.path}"

    def _key(self, request: PreparedRequest) -> str:
        body = request.body or b""
        assert isinstance(body, str | bytes)  # nothing is sent from a file
        data = body.encode() if isinstance(body, str) else body
        url = self.secret.hide(str(request.url))
        return hashlib.sha256(f"{request.method} {url}\n".encode() + data).hexdigest()[:32]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
