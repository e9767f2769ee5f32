"""What a researcher imports without knowing the rooms: it is there, it costs nothing, its examples run."""

from __future__ import annotations

import ast
import doctest
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import event_study

ROOT = Path(event_study.__file__).parents[1]
FACE = sorted(set(dir(event_study)) - set(vars(event_study)))
CALLABLE = [name for name in FACE if inspect.isfunction(getattr(event_study, name))]


def test_types_are_known_of_every_name() -> None:
    """What a type checker reads is what is imported."""
    tree = ast.parse(Path(event_study.__file__).read_text())
    checked = {
        (alias.name, str(node.module).removeprefix("event_study."))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("event_study.")
        for alias in node.names
    }
    assert checked == set(event_study._MODULE.items())
    with pytest.raises(AttributeError, match="has no attribute 'identfy'"):
        _ = event_study.identfy


@pytest.mark.parametrize("name", CALLABLE)
def test_examples_print_what_they_say(name: str) -> None:
    function = getattr(event_study, name)
    tests = doctest.DocTestFinder(recurse=False).find(function, name, globs={})
    assert any(test.examples for test in tests)
    for test in tests:
        flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE
        assert doctest.DocTestRunner(optionflags=flags).run(test).failed == 0


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, **environment},
    )  # fmt: skip
    return done.stdout


def test_the_import_alone_is_light() -> None:
    code = "import sys, event_study; print([m for m in ('numpy', 'pandas', 'scipy') if m in sys.modules])"
    assert run(code).strip() == "[]"


COUNTED = """
import hashlib
from threadpoolctl import threadpool_info
import event_study.own.panel as own, event_study.study.questions as questions
from tests.event_study.conftest import build
from tests.event_study.firms import firms, spec

inside = []
def counting(module, name):
    call = getattr(module, name)
    def counted(*args, **options):
        inside.append({lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"})
        return call(*args, **options)
    setattr(module, name, counted)
for module in (own, questions):
    counting(module, "identified")
    counting(module, "estimated")
tables = build().quarterly().only("primary").estimate()
mine = own.study_of(firms(), spec())
text = "".join(frame.to_json() for each in (tables, mine.both) for frame in vars(each).values())
print(len(inside), set().union(*inside), hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.slow
def test_fits_use_one_thread_whatever_the_environment_says() -> None:
    one, two = (run(COUNTED, OPENBLAS_NUM_THREADS=threads, OMP_NUM_THREADS=threads) for threads in "12")
    # two calls for the marts; of one's own panel two for what is asked, two for what stands beside it
    assert one.startswith("6 {1} ") and two == one
