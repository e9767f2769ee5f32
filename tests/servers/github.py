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
        server.on("api.github.com", self.api)
        server.on("raw.githubusercontent.com", self.raw)

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
        changed = [c for c in self.commits() if any(p.startswith(path) for p in self.at(str(c["sha"])) or {})]
        first = (number - 1) * self.per_page
        rows = changed[first : first + self.per_page]
        if first + self.per_page >= len(changed):
            return json_answer(rows)
        # a list's next page lies under the repository's number, not its name
        url = f"https://api.github.com/repositories/7/commits?path={path}&page={number + 1}"
        link = f'<{url}>; rel="next", <{url}>; rel="last"'
        return json_answer(rows, Link=link)

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
