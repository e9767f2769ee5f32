"""GitHub as far as connectors ask it: commits, a folder's listing, raw files at a commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.servers.stand_in import NOT_FOUND, Answer, Asked, StandIn, file_answer, json_answer


def commit_of(files: Mapping[str, bytes]) -> str:
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


def git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Repository:
    """``versions``: (day, files by path), the oldest first. ``is_moved``: its list's pages go by number."""

    name: str
    versions: list[tuple[str, dict[str, bytes]]]
    branch: str = "main"
    per_page: int = 100
    broken: set[str] = field(default_factory=set)

    def serve(self, server: StandIn) -> None:
        serve(server, self)

    def commits(self) -> list[dict[str, object]]:
        """Newest first, as GitHub lists them."""
        return [
            {"sha": commit_of(files), "commit": {"committer": {"date": f"{day}T06:00:00Z", "name": "x"}}}
            for day, files in reversed(self.versions)
        ]

    def at(self, commit: str) -> dict[str, bytes] | None:
        return next((files for _, files in self.versions if commit_of(files) == commit), None)

    def api(self, asked: Asked) -> Answer:
        top = f"/repos/{self.name}"
        if asked.path == f"{top}/commits/{self.branch}":
            return json_answer(self.commits()[0])
        if asked.path == f"{top}/commits":
            return self._page(asked)
        if asked.path.startswith(f"{top}/git/trees/"):
            commit, _, folder = asked.path.removeprefix(f"{top}/git/trees/").partition(":")
            return self._tree(commit, folder)
        return json_answer({"message": "Not Found"}, 404)

    def _page(self, asked: Asked) -> Answer:
        number, path = int(asked.query.get("page", 1)), asked.query["path"]
        size = min(self.per_page, int(asked.query.get("per_page", self.per_page)))
        changed = self._changes_of(path, asked.query.get("sha"))
        first = (number - 1) * size
        rows = changed[first : first + size]
        if first + size >= len(changed):
            return json_answer(rows)
        # a list's next page lies under the repository's number, not its name
        url = f"https://api.github.com/repositories/7/commits?path={path}&page={number + 1}"
        link = f'<{url}>; rel="next", <{url}>; rel="last"'
        return json_answer(rows, Link=link)

    def _changes_of(self, path: str, until: str | None) -> list[dict[str, object]]:
        """The commits up to one that touched a path, newest first."""
        found, before = [], dict[str, bytes]()
        for commit, (_, files) in zip(reversed(self.commits()), self.versions, strict=True):
            here = {name: data for name, data in files.items() if name.startswith(path)}
            if here != before:
                found.append(commit)
            before = here
            if commit["sha"] == until:
                break
        return found[::-1]

    def _tree(self, commit: str, folder: str) -> Answer:
        files = self.at(commit) or {}
        tree = [
            {
                "path": path.removeprefix(f"{folder}/"),
                "type": "blob",
                "sha": git_sha1(data),
                "size": len(data),
            }
            for path, data in files.items()
            if path.startswith(f"{folder}/")
        ]
        return json_answer({"sha": commit, "tree": tree, "truncated": False})

    def raw(self, asked: Asked) -> Answer:
        commit, _, path = asked.path.removeprefix(f"/{self.name}/").partition("/")
        data = (self.at(commit) or {}).get(path)
        if data is None:
            return NOT_FOUND
        return file_answer(data[:-7] + b"x" * 7 if path in self.broken else data, "text/plain")


def serve(server: StandIn, *repositories: Repository) -> None:
    """GitHub with these repositories, the first of which answers for those that there are not."""

    def asked_for(asked: Asked) -> Repository:
        return next((r for r in repositories if f"/{r.name}/" in asked.path), repositories[0])

    server.on("api.github.com", lambda asked: asked_for(asked).api(asked))
    server.on("raw.githubusercontent.com", lambda asked: asked_for(asked).raw(asked))
