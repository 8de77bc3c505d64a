"""Runs each program several times in turn, and prints what it took beside what Risposta took.

    python measure.py CSV RISPOSTA OUTPUT_FOLDER RUNS
    python measure.py --journal RESULTS RISPOSTA OUTPUT_FOLDER RUNS

The second holds Risposta against itself: from a wave's journal, and from the CSV of the same inquiries beside it.
Time is of whole processes, from start to exit. 'cpu' is user and system time, which a busy machine disturbs least;
'memory' is the largest resident set. Last, every number that two programs told is compared.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
# How far two programs may be apart: rounding, and what a search for a maximum leaves open.
TOLERANCE = 1e-6
SEARCHED = 1e-3
# Two bootstraps of 2,000 resamples differ by chance.
DRAWN = 0.01
DRAWN_ERROR = 0.15


def commands(csv, risposta, out):
    python = [sys.executable, "-W", "ignore"]
    flat = [risposta, "score", "--csv", csv, "--format", "flat"]
    return {
        "Risposta, all numbers": ([*flat, "--all", "--resamples", "2000"], out / "risposta.json"),
        "Python pipeline": ([*python, HERE / "pipeline.py", csv, out / "python.json"], None),
        "R pipeline": (["Rscript", HERE / "pipeline.R", csv, out / "r.json"], None),
        "Risposta, plain rates": ([*flat, "--only", "rate"], out / "rates.json"),
        "DuckDB, plain rates": ([*python, HERE / "plain_rates.py", csv, out / "duckdb.json"], None),
    }


def from_journal(results, risposta, out):
    numbers = ["--format", "flat", "--all", "--resamples", "2000"]
    return {
        "CSV": ([risposta, "score", "--csv", next(Path(results).glob("*/*.csv")), *numbers], out / "csv.json"),
        "journal": ([risposta, "--results", results, "score", "--wave", "speed", *numbers], out / "journal.json"),
    }


def once(command, stdout):
    """Seconds by the clock, seconds of processors, MB."""
    with open(stdout or os.devnull, "wb") as into:
        begun = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdout=into)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"failed with {child.returncode}: {' '.join(map(str, command))}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def table(measured):
    against = {"Python pipeline": "Risposta, all numbers", "R pipeline": "Risposta, all numbers"}
    against |= {"DuckDB, plain rates": "Risposta, plain rates", "journal": "CSV"}
    print(f"{'':24}{'seconds, median':>17}{'least':>8}{'cpu, median':>13}{'least':>8}{'memory':>9}{'× ours: clock':>20}{'cpu':>7}")
    for name, runs in measured.items():
        walls, cpus, memory = zip(*runs)
        line = f"{name:24}{statistics.median(walls):>17.2f}{min(walls):>8.2f}{statistics.median(cpus):>13.2f}"
        line += f"{min(cpus):>8.2f}{max(memory):>6.0f} MB"
        if name in against:
            ours = list(zip(*measured[against[name]]))
            line += f"{statistics.median(walls) / statistics.median(ours[0]):>20.2f}"
            line += f"{statistics.median(cpus) / statistics.median(ours[1]):>7.2f}"
        print(line)


def numbers(value):
    return value if isinstance(value, list) else [value]


def agree(name, ours, theirs):
    if "cluster_boot" in name:
        if name.endswith("_se"):
            return abs(ours / theirs - 1) <= DRAWN_ERROR
        return all(abs(a - b) <= DRAWN for a, b in zip(numbers(ours), numbers(theirs)))
    tolerance = SEARCHED if name.startswith("eb.") else TOLERANCE
    for a, b in zip(numbers(ours), numbers(theirs), strict=True):
        same = a == b or (not isinstance(a, str) and not isinstance(b, str) and abs(a - b) <= tolerance * max(1, abs(b)))
        if not same:
            return False
    return True


def compare(out):
    """How many numbers of the others ours equal; leaves with an error where one does not."""
    whole = json.loads((out / "risposta.json").read_text())
    rates = json.loads((out / "rates.json").read_text())
    wrong = []
    for name, ours, file in [("Python", whole, "python"), ("R", whole, "r"), ("DuckDB", rates, "duckdb")]:
        theirs = json.loads((out / f"{file}.json").read_text())
        # We name the number of resamples in the id.
        known = {key.removesuffix("_B2000"): value for key, value in ours.items()}
        wrong += [f"{name}: {key}: {value}, ours {known.get(key)}" for key, value in theirs.items()
                  if key not in known or not agree(key, known[key], value)]
        print(f"{name}: {len(theirs)} numbers held against ours")
    if wrong:
        sys.exit("these differ:\n" + "\n".join(wrong[:40]))
    print("all agree")


def measure(commands, runs):
    measured = {}
    for turn in range(runs):
        for name, (command, stdout) in commands.items():
            measured.setdefault(name, []).append(once(command, stdout))
            print(f"{turn + 1}/{runs} {name}: {measured[name][-1][0]:.2f} s", file=sys.stderr)
    table(measured)


def main():
    *journal, source, risposta, out, runs = sys.argv[1:]
    out, runs = Path(out), int(runs)
    if journal:
        measure(from_journal(source, risposta, out), runs)
        told = [json.loads((out / name).read_text()) for name in ("csv.json", "journal.json")]
        if told[0] != told[1]:
            sys.exit("the journal and the CSV tell different numbers")
        print(f"{len(told[0])} numbers, all the same")
    else:
        measure(commands(source, risposta, out), runs)
        compare(out)


if __name__ == "__main__":
    main()
