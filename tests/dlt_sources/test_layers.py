"""A source knows the archive, how documents are read, how tables are typed, how rankings and
patents are laid out and what models are called.

It knows no other source, not its own sample and not the lake.
"""

from __future__ import annotations

import grimp

from dlt_sources import SOURCES

ROOM = "dlt_sources"


def test_a_source_stands_alone() -> None:
    graph = grimp.build_graph(ROOM, cache_dir=None)
    known = {
        f"{ROOM}.{name}"
        for name in (
            "archive",
            "documents",
            "github_hours.collector_breaks",
            "github_hours.definition",
            "github_hours.gazetteer",
            "github_hours.reduction",
            "github_hours.scan",
            "json_lines",
            "kept",
            "markup",
            "model_names",
            "packed",
            "patent_documents",
            "ranking_files",
            "tables",
        )
    }
    for source in SOURCES:
        imports = graph.find_modules_directly_imported_by(f"{ROOM}.{source.name}")
        assert imports <= known, source.name


def test_a_samples_writer_knows_the_simulated_world_and_who_lives_in_it() -> None:
    graph = grimp.build_graph(ROOM, cache_dir=None)
    shared = {
        f"{ROOM}.sample.{name}"
        for name in (
            "agora_documents",
            "bis_documents",
            "event_lines",
            "event_world",
            "world",
            "github_repositories",
            "model_makers",
            "paper_titles",
            "patent_texts",
        )
    }
    # months that another engine has reduced hold the tables' own columns and hashes
    shared.add(f"{ROOM}.github_hours.definition")
    for writer in graph.find_children(f"{ROOM}.sample") - shared:
        assert graph.find_modules_directly_imported_by(writer) <= shared, writer
