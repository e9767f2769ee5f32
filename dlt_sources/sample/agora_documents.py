"""What the simulated AGORA holds, in its table and in its full texts: how many documents, and on what."""

from __future__ import annotations

DOCUMENTS = 360
SUBJECTS = (
    "open-source models for public research",
    "workforce training and a national testbed",
    "technical standards for model evaluation",
    "supply chain resilience of critical infrastructure",
    "data centers and computing capacity",
    "export controls on advanced semiconductors",
    "safety disclosures by developers",
    "funding for research and development",
    "the use of open source intelligence",
    "a calendar of meetings",
)
