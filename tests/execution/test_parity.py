"""What lands in the repository is what upstream's `pipetask run` lands there."""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec import GraphBuilder, PipelineBuilder
from tests.support.repository import INPUTS, PIPELINE

RUN = "u/me/run"

MIXED: list[tuple[str, str, Any]] = [
    ("detect", "partial_on", "visit = 1 AND detector = 1"),
    ("measure", "fail_on", "visit = 2 AND detector = 1"),
    ("detect", "no_work_on", "visit = 3 AND detector = 0"),
    ("detect", "skip_output_on", "visit = 3 AND detector = 1"),
]
"""One quantum of each kind: partial outputs, a failure, no work (here and so downstream), an output left out."""


@pytest.fixture(autouse=True)
def _log_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tests")


@pytest.fixture
def twins(repository_template: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two copies of one repository: one for upstream, one for us."""
    return (
        Path(shutil.copytree(repository_template, tmp_path / "theirs")),
        Path(shutil.copytree(repository_template, tmp_path / "ours")),
    )


def _config_files(repository: Path, changes: list[tuple[str, str, Any]]) -> list[tuple[str, Path]]:
    """Write changes to files: upstream's ``-c`` takes no value with an equals sign in it."""
    files = []
    for number, (label, name, value) in enumerate(changes):
        files.append((label, repository.parent / f"{number}.py"))
        files[-1][1].write_text(f"config.{name} = {value!r}\n")
    return files


def _theirs(
    repository: Path, pipetask: Callable[..., str], changes: list[tuple[str, str, Any]], *words: str
) -> None:
    configs = [
        word for label, file in _config_files(repository, changes) for word in ("-C", f"{label}:{file}")
    ]
    pipetask(
        "--log-level", "tests=INFO", "run", "-b", repository, "-p", PIPELINE, *configs, "-i", INPUTS, "-o", "u/me",
        "--output-run", RUN, "--register-dataset-types", *words, check=False,
    )  # fmt: skip


def _ours(
    repository: Path, changes: list[tuple[str, str, Any]], *, run: dict[str, Any] | None = None, **graph: Any
) -> None:
    pipeline = PipelineBuilder(str(PIPELINE))
    for label, file in _config_files(repository, changes):
        pipeline.config_file(label, file)
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", output_run=RUN, **graph).build()
    built.run(register_dataset_types=True, **(run or {}))


def _registry(butler: Butler) -> dict[str, Any]:
    refs = butler.registry.queryDatasets(..., collections=RUN)
    return {
        "datasets": Counter((ref.datasetType.name, str(ref.dataId)) for ref in refs),
        "types": {str(dataset_type) for dataset_type in butler.registry.queryDatasetTypes()},
        "collections": {info.name: (info.type, info.children) for info in butler.collections.query_info("*")},
        "stored": Counter(butler.stored_many(list(refs)).values()),
    }


def _files(repository: Path) -> dict[str, int]:
    folder = repository / RUN
    names = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    # Logs and metadata hold times, and the package list holds what else this process has imported; all else is the
    # same to the byte.
    varying = ("_log", "_metadata", "packages")
    return {
        name: 0 if any(word in name for word in varying) else path.stat().st_size
        for name, path in names.items()
    }


def _keys(value: Any, prefix: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {prefix}
    return {key for name, inner in value.items() for key in _keys(inner, f"{prefix}.{name}")}


def _metadata(butler: Butler) -> dict[tuple[str, str], Any]:
    found = {}
    for ref in butler.registry.queryDatasets("*_metadata", collections=RUN):
        metadata = butler.get(ref)
        caveats = metadata["quantum"]["caveats"]
        outputs = metadata["quantum"].getArray("outputs") if "outputs" in metadata["quantum"] else []
        found[ref.datasetType.name, str(ref.dataId)] = (_keys(metadata.to_dict()), caveats, len(outputs))
    return found


def _logs(butler: Butler) -> dict[tuple[str, str], Any]:
    found = {}
    for ref in butler.registry.queryDatasets("*_log", collections=RUN):
        records = butler.get(ref)
        extra = records.extra or {}
        task = f"tests.{ref.datasetType.name.removesuffix('_log')}"
        # The executors speak in different words, but both do, and all records tell whose they are.
        said = [(r.levelname, r.message) for r in records if r.name == task]
        assert len(records) > len(said)
        assert {r.MDC["RUN"] for r in records} == {RUN}
        exception = (extra.get("exception") or {}).get("type_name")
        found[ref.datasetType.name, str(ref.dataId)] = (said, exception, bool(extra.get("metadata")))
    return found


def _contents(repository: Path) -> dict[str, Any]:
    with Butler.from_config(str(repository), writeable=False) as butler:
        data = {
            (name, str(ref.dataId)): butler.get(ref)
            for name in (
                "catalog",
                "measurements",
                "visit_summary",
                "report",
                "detect_schema",
                "measure_config",
            )
            for ref in butler.registry.queryDatasets(name, collections=RUN)
        }
        data = {key: value.toDict() if hasattr(value, "toDict") else value for key, value in data.items()}
        records = sorted(
            (path.stem, json.loads(path.read_text())) for path in (repository / RUN).rglob("report*.json")
        )
        return {
            **_registry(butler),
            "files": _files(repository),
            "metadata": _metadata(butler),
            "logs": _logs(butler),
            "data": data,
            "report": records,
        }


def _assert_equal(theirs: Path, ours: Path, *, but: str = "") -> None:
    expected, found = _contents(theirs), _contents(ours)
    for part in expected.keys() - {but}:
        assert found[part] == expected[part], part


def test_a_run_leaves_what_upstream_leaves(twins: tuple[Path, Path], pipetask: Callable[..., str]) -> None:
    theirs, ours = twins
    _theirs(theirs, pipetask, [])
    _ours(ours, [])
    _assert_equal(theirs, ours)


def test_partial_outputs_may_count_as_a_success(
    twins: tuple[Path, Path], pipetask: Callable[..., str]
) -> None:
    theirs, ours = twins
    _theirs(theirs, pipetask, MIXED, "--no-raise-on-partial-outputs")
    _ours(ours, MIXED, run={"raise_on_partial_outputs": False})
    _assert_equal(theirs, ours)


def test_extending_a_failed_run_leaves_what_upstream_leaves(
    twins: tuple[Path, Path], pipetask: Callable[..., str], tmp_path: Path
) -> None:
    theirs, ours = twins
    for repository, counts in ((theirs, tmp_path / "a"), (ours, tmp_path / "b")):
        counts.mkdir()
        changes = [
            ("measure", "fail_on", "visit = 2 AND detector = 1"),
            ("measure", "fail_attempts", 1),
            # The same path for both, so that the stored configs are equal.
            ("measure", "scratch", str(tmp_path / "scratch")),
        ]
        (tmp_path / "scratch").mkdir()
        if repository == theirs:
            _theirs(repository, pipetask, changes)
            _theirs(repository, pipetask, changes, "--extend-run", "--clobber-outputs")
        else:
            _ours(repository, changes)
            _ours(repository, changes, extend_run=True, clobber_outputs=True)
        shutil.rmtree(tmp_path / "scratch")
    _assert_equal(theirs, ours)
    with Butler.from_config(str(ours), writeable=False) as butler:
        assert butler.get("report", instrument="SmallCam", collections="u/me")["total"] > 0


@pytest.mark.parametrize("words", [["--init-only"], ["--skip-init-writes", "--no-versions"]], ids=" ".join)
def test_init_options_do_what_upstreams_do(
    words: list[str], twins: tuple[Path, Path], pipetask: Callable[..., str]
) -> None:
    theirs, ours = twins
    _theirs(theirs, pipetask, [], *words)
    _ours(ours, [], run={word.strip("-").replace("-", "_"): True for word in words})
    # Without init-outputs, tasks cannot be made; older upstreams then leave the exception out of the log.
    _assert_equal(theirs, ours, but="logs" if "--skip-init-writes" in words else "")


def test_failures_and_the_json_report_are_upstreams(
    twins: tuple[Path, Path], pipetask: Callable[..., str], tmp_path: Path
) -> None:
    theirs, ours = twins
    _theirs(theirs, pipetask, MIXED, "--summary", str(tmp_path / "theirs.json"))
    _ours(ours, MIXED, run={"summary": str(tmp_path / "ours.json")})
    _assert_equal(theirs, ours)
    expected, found = (json.loads((tmp_path / f"{who}.json").read_text()) for who in ("theirs", "ours"))
    assert found.keys() == expected.keys()
    assert found["status"] == expected["status"] == "failure"
    assert found["exceptionInfo"]["className"] == expected["exceptionInfo"]["className"]
    assert found["qgraphSummary"]["qgraphTaskSummaries"] == expected["qgraphSummary"]["qgraphTaskSummaries"]
    assert all(report.pop("quantumId") for report in found["quantaReports"])

    def plain(reports: list[dict[str, Any]]) -> list[str]:
        # Failures in the kernel have no quantum ID upstream.
        return sorted(
            json.dumps({k: v for k, v in r.items() if k != "quantumId"}, sort_keys=True) for r in reports
        )

    assert plain(found["quantaReports"]) == plain(expected["quantaReports"])
