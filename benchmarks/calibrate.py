"""Does the headline test keep its level, and what do conventional errors do on the same draws?

``python -m benchmarks.calibrate [--draws N] [--seed N] [--processes N] [--out DIR]`` simulates panels with
a known truth and writes calibration.csv, power.csv, calibration.md and power.svg: the same bytes for the
same draws and seed, whatever the number of processes. Seconds are printed, not written.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.calibration.document import markdown, verdict
from benchmarks.calibration.figure import power_svg
from benchmarks.calibration.tally import Count, Key, Kind, csv_text, points, row, total
from benchmarks.calibration.trials import ALPHA, chunk
from benchmarks.calibration.worlds import GRID, WORLDS, PanelWorld

SEED = 20221007
DRAWS = 5000
DONORS = (20, 40, 60)
CHUNK = 250
OUT = Path(__file__).resolve().parents[1] / "docs" / "reference"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PACKAGES = ("numpy", "scipy", "statsmodels")

Cell = tuple[PanelWorld, int]
Job = tuple[PanelWorld, int, int, np.random.SeedSequence]


def jobs(draws: int, seed: int, donors: tuple[int, ...] = DONORS) -> list[Job]:
    """Chunks of draws, each with a seed that its place alone decides, not who works on it."""
    cells = [(world, j) for j in donors for world in WORLDS]
    made = []
    for (world, j), own in zip(cells, np.random.SeedSequence(seed).spawn(len(cells)), strict=True):
        sizes = [min(CHUNK, draws - begun) for begun in range(0, draws, CHUNK)]
        made += [(world, j, size, s) for size, s in zip(sizes, own.spawn(len(sizes)), strict=True)]
    return made


def work(job: Job) -> tuple[dict[Key, Count], float]:
    """One chunk and its CPU seconds."""
    began = time.process_time()
    return chunk(*job), time.process_time() - began


def calibrate(work_list: list[Job], processes: int) -> tuple[dict[Cell, dict[Key, Count]], float]:
    """Counts by world and donors, and the CPU seconds of all workers."""
    # one thread each, set before a worker loads numpy: processes share the cores, threads would fight
    os.environ.update(dict.fromkeys(THREADS, "1"))
    # no multiprocessing.Pool: it ends workers by SIGTERM, which they may have inherited as ignored
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(work, work_list))
    by_cell: dict[Cell, list[dict[Key, Count]]] = {}
    for (world, donors, _, _), (found, _) in zip(work_list, done, strict=True):
        by_cell.setdefault((world, donors), []).append(found)
    return {cell: total(found) for cell, found in by_cell.items()}, sum(seconds for _, seconds in done)


def write(out: Path, cells: dict[Cell, dict[Key, Count]], seed: int) -> list[str]:
    """The four files; returns the verdict's lines."""
    order = {world: i for i, world in enumerate(WORLDS)}
    rows, curves = [], []
    for world, donors in sorted(cells, key=lambda cell: (order[cell[0]], cell[1])):
        for key, count in cells[world, donors].items():
            rows.append(row(key, donors, count, float(np.mean(world.planted)), GRID, ALPHA))
            curves += points(key, donors, count, GRID) if key.kind == Kind.HEADLINE else []
    out.mkdir(parents=True, exist_ok=True)
    made_with = (
        f"Made with Python {platform.python_version()}, "
        f"{', '.join(f'{name} {version(name)}' for name in PACKAGES)} on {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores."
    )
    for name, text in {
        "calibration.csv": csv_text(rows),
        "power.csv": csv_text(curves),
        "calibration.md": markdown(rows, seed=seed, made_with=made_with),
        "power.svg": power_svg(curves),
    }.items():
        (out / name).write_text(text, encoding="utf-8")
    return verdict(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS, help="panels for every design and donor count")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    began = time.perf_counter()
    cells, cpu = calibrate(jobs(given.draws, given.seed), given.processes)
    for line in write(given.out, cells, given.seed):
        print(line)
    print(f"{given.draws:,} draws x {len(cells)} cells: {time.perf_counter() - began:.0f} s with "
          f"{given.processes} processes, {cpu:.0f} s of CPU; {platform.platform()}, load "
          f"{os.getloadavg()[0]:.1f}; written to {given.out}")  # fmt: skip


if __name__ == "__main__":
    main()
