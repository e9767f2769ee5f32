"""GitHub's GraphQL as far as it is asked: repositories under aliases, errors beside data, points left."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.stand_in import NOW, Answer, Asked, json_answer

_ASKED = re.compile(r'(r\d+): repository\(owner: "([^"]*)", name: "([^"]*)"\)')


def repository(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "databaseId": number,
        "nameWithOwner": name,
        "createdAt": "2023-03-01T08:00:00Z",
        "archivedAt": None,
        "isArchived": False,
        "isFork": False,
        "primaryLanguage": {"name": "Python"},
        "licenseInfo": {"spdxId": "Apache-2.0"},
        "owner": {"__typename": "Organization"},
        **more,
    }


@dataclass
class GraphQL:
    """``known``: repositories by every name that they answer to, lower case.

    ``errors``: said beside the data of the first answer. ``points``: how many questions an hour has.
    """

    known: Mapping[str, dict[str, Any]]
    errors: list[dict[str, Any]] = field(default_factory=list)
    loses: set[str] = field(default_factory=set)  # names that are null without an error
    points: int = 5000
    batches: list[int] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        if not asked.headers.get("Authorization", "").startswith("Bearer "):
            return json_answer({"message": "This endpoint requires you to be authenticated."}, 401)
        if self.points == 0:
            self.points = 5000
            limited = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
            reset = str(int(NOW) + 1200)
            return json_answer(limited, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
        self.points -= 1
        aliases = _ASKED.findall(json.loads(asked.body)["query"])
        self.batches.append(len(aliases))
        data: dict[str, Any] = {
            "rateLimit": {"cost": 1, "remaining": self.points, "resetAt": "2026-11-18T09:00:00Z"}
        }
        errors, self.errors = self.errors, []
        for alias, owner, name in aliases:
            full = f"{owner}/{name}".lower()
            data[alias] = None if full in self.loses else self.known.get(full)
            if data[alias] is None and full not in self.loses:
                message = f"Could not resolve to a Repository with the name '{full}'."
                errors.append({"type": "NOT_FOUND", "path": [alias], "message": message})
        return json_answer({"data": data, **({"errors": errors} if errors else {})})
