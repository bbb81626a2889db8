"""Every broken input is refused in words: exit code 2, located, nothing on stdout, nothing written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from corpus import CASES, Case, lay_out

from sim.cli import call
from sim.contract import STEERING

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 200
"""Megabytes a refusal may take in all, interpreter and libraries included."""


def ids(case: Case) -> str:
    return case.name


def kept(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}


def test_the_corpus_is_large_and_its_names_are_its_own() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_refused(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(case, tmp_path)
    before = kept(tmp_path)
    code = call(case.argv)
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    for words in case.said:
        assert words in err
    assert not STEERING.search(err), "nothing steers the terminal"
    assert len(err) < 20_000, "a refusal can be read"
    assert "Traceback" not in err
    assert kept(tmp_path) == before, "nothing is written"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("case", [c for c in CASES if c.heavy], ids=ids)
def test_refused_in_little_memory(case: Case, tmp_path: Path) -> None:
    """As a process of its own, which says what it took (since it began: the parent's size is not its own)."""
    lay_out(case, tmp_path)
    code = (
        "import json, sys\nfrom sim.cli import call\ncode = call(json.loads(sys.argv[1]))\n"
        "peak = [line for line in open('/proc/self/status') if line.startswith('VmHWM')][0]\n"
        "print(int(peak.split()[1]) // 1024)\nsys.exit(code)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(case.argv)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert int(done.stdout) < MEMORY
