from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.front.parser import parse
from jupyter_mpexec.front.words import split_words
from jupyter_mpexec.options import PipelineAction, RunOptions, options_of

REFUSED = sorted({(option.flag, option.commands[0]) for option in options_of() if option.refused})


class Task:
    pass


def options(line: str, **variables: Any) -> RunOptions:
    return parse(split_words(line, variables)).options


def message(line: str, **variables: Any) -> str:
    with pytest.raises(OptionError) as caught:
        options(line, **variables)
    return f"{caught.value.message} {caught.value.hint}".strip()


def test_values_of_each_kind() -> None:
    parsed = options(
        "run -b repo -i a,b --input c -j 4 --fail-fast --no-raise-on-partial-outputs --prune-replaced PURGE"
        " -d 'visit = 3' --data-id-table x,y.csv --data-id-table=z.csv -n2"
    )
    assert parsed == RunOptions(
        butler_config="repo",
        input=("a", "b", "c"),
        processes=4,
        fail_fast=True,
        raise_on_partial_outputs=False,
        prune_replaced="purge",
        data_query="visit = 3",
        data_id_table=("x,y.csv", "z.csv"),
        cores_per_quantum=2,
    )


def test_pipeline_actions_keep_their_order() -> None:
    parsed = options(
        "build -c isr:a=1 -t pkg.Isr:isr,pkg.Other --delete x,y -C isr:one.py,isr:two.py --instrument pkg.Cam"
        " --config=isr:a=2"
    )
    assert [action.spell() for action in parsed.pipeline_actions] == [
        "isr:a=1",
        "pkg.Isr:isr",
        "pkg.Other",
        "x",
        "y",
        "isr:one.py",
        "isr:two.py",
        "pkg.Cam",
        "isr:a=2",
    ]


def test_config_value_may_hold_separators() -> None:
    (action,) = options("build -c 'isr:query=visit = 2:3'").pipeline_actions
    assert action == PipelineAction(kind="config", label="isr", name="query", value="visit = 2:3")


def test_commas_in_brackets_do_not_separate() -> None:
    assert options("qgraph -b r -i a[1,2],b").input == ("a[1,2]", "b")


def test_a_value_may_look_like_an_option() -> None:
    assert options("qgraph -b r -d -visit").data_query == "-visit"


def test_the_last_value_counts() -> None:
    assert options("run -b r -j 2 -j 3").processes == 3


def test_global_options_stand_anywhere() -> None:
    before = options("--log-level DEBUG,lsst.x=INFO run -b r")
    assert before == options("run -b r --log-level DEBUG --log-level lsst.x=INFO")
    assert before.log_level == ("DEBUG", "lsst.x=INFO")


def thing(name: str) -> Any:
    """An object of a class with a name."""
    return type(f"My{name}", (type(name, (), {}),), {})()


def test_objects_stay_objects() -> None:
    butler, builder, graph = (thing(name) for name in ("Butler", "PipelineBuilder", "BuiltQuantumGraph"))
    parsed = options("run -b {butler} -p {builder} -g={graph}", butler=butler, builder=builder, graph=graph)
    assert parsed.butler_config is butler
    parsed = options("run --qgraph={graph} --pipeline={builder}", graph=graph, builder=builder)
    assert (parsed.qgraph, parsed.pipeline) == (graph, builder)
    (action,) = options("build -t {Task}:mine", Task=Task).pipeline_actions
    assert (action.value, action.label) == (Task, "mine")
    (action,) = options("build -c a:b={x}", x=[1, 2]).pipeline_actions
    assert action.value == [1, 2]
    assert options("qgraph -b r -i {names}", names=["a", "b"]).input == ("a", "b")
    assert options("qgraph -b r -q {file}", file=Path("x.qg")).save_qgraph == "x.qg"


def test_bind_values() -> None:
    parsed = options("qgraph -b r --bind v={v} --bind n=3 --bind l='[1, 2]' --bind s=text", v=(1, 2))
    assert parsed.bind == (("v", (1, 2)), ("n", 3), ("l", [1, 2]), ("s", "text"))


def test_a_graph_object_brings_its_repository() -> None:
    graph = thing("BuiltQuantumGraph")
    assert options("run -g {graph}", graph=graph).qgraph is graph


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rnu", "There is no subcommand 'rnu'. Did you mean 'run'?"),
        ("run --pipline x -b r", "There is no option --pipline. Did you mean '--pipeline'?"),
        ("run --qwertz", "There is no option --qwertz. --help lists all options."),
        ("run --out x", "There is no option --out."),
        ("run -b", "-b needs a value: -b REPO"),
        ("run -b r -j many", "-j takes a whole number, not 'many'."),
        ("run -b r -jobs 3", "-j takes a whole number, not 'obs'. Write -j N or --processes N."),
        ("run -b r -j 0", "-j must be at least 1, not 0."),
        ("run -b r --timeout -1", "--timeout must be at least 0, not -1."),
        ("run -b r --prune-replaced purg", "--prune-replaced cannot be 'purg'. Did you mean 'purge'?"),
        ("run -b r --start-method x", "--start-method cannot be 'x'. Choose from spawn, fork, forkserver."),
        ("run -b r --extend-run=yes", "--extend-run takes no value, but 'yes' follows it."),
        ("run -p x", "run needs a Butler repository."),
        ("run -b r -g x stray", "'stray' belongs to no option. Put quotes"),
        ("run -b r @file", "Options are read from a file with -@ file"),
        ("qgraph -b r -j 4", "--processes is an option of run, not of qgraph."),
        ("build -i x", "--input is an option of qgraph and run, not of build."),
        ("-b r", "A subcommand is missing."),
        ("build -c isr", "-c takes LABEL:NAME=VALUE, not 'isr'."),
        ("build -c isr:x", "-c takes LABEL:NAME=VALUE, not 'isr:x'."),
        ("build -c isr:x = 4", "-c takes LABEL:NAME=VALUE, not 'isr:x'. Leave no blank"),
        ("build -c isr:x=", "-c takes LABEL:NAME=VALUE, not 'isr:x='."),
        ("build -C isr", "-C takes LABEL:FILE, not 'isr'."),
        ("build -t a.B:", "-t takes TASK[:LABEL], not 'a.B:'."),
        ("build --delete ''", "--delete takes LABEL, not ''."),
        ("qgraph -b r --bind x", "--bind takes NAME=VALUE, not 'x'."),
        ("run -b r -o {obj}", "-o takes text, not an object of type object."),
        ("run -b {5}", "-b takes text or a Butler or ButlerConfig, not an object of type int. The Butler"),
        ("build -p {[1]}", "-p takes text or a PipelineBuilder or Pipeline, not an object of type list."),
        ("build -p {print}", "not an object of type builtin_function_or_method."),
        (
            "run -g {obj}",
            "-g takes text or a BuiltQuantumGraph or ResourcePath, not an object of type object.",
        ),
        ("qgraph -b r --data-id-table {5}", "--data-id-table takes text or a Table or DataFrame, not"),
        ("build -t {5}", "-t takes TASK[:LABEL], not '5'."),
        ("build --instrument {5}", "--instrument takes CLASS, not '5'."),
        ("qgraph -b r -d 'visit IN ({[]})'", "-d has an empty list in it: []. Nothing could match"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(line: str, expected: str) -> None:
    assert expected in message(line, obj=object())


@pytest.mark.parametrize(("flag", "subcommand"), REFUSED)
def test_refused_by_name(flag: str, subcommand: str) -> None:
    assert message(f"{subcommand} -b r {flag} x").startswith(f"{flag} is not supported here: ")


@pytest.mark.parametrize("line", ["", "--help", "-h", "run --help", "run -b r -h", "build -h --show x"])
def test_help_wins(line: str) -> None:
    assert parse(split_words(line, {})).wants_help


class TestOptionsFile:
    def parse(self, content: str, line: str = "qgraph -b r") -> RunOptions:
        words = split_words(f"{line} -@ options.yaml", {})
        return parse(words, read_file=lambda file: content).options

    def test_values(self) -> None:
        parsed = self.parse(
            "qgraph:\n  input: [a, b]\n  output: u/x\n  extend-run: true\n  d: visit = 3\n"
            "  config: ['isr:a=1', 'isr:b=2']\n  data-id-table: x.csv\n"
        )
        assert parsed == RunOptions(
            butler_config="r",
            input=("a", "b"),
            output="u/x",
            extend_run=True,
            data_query="visit = 3",
            data_id_table=("x.csv",),
            pipeline_actions=(
                PipelineAction(kind="config", label="isr", name="a", value="1"),
                PipelineAction(kind="config", label="isr", name="b", value="2"),
            ),
        )

    def test_the_command_line_wins(self) -> None:
        content = "qgraph:\n  input: [a, b]\n  output: u/x\n  config: 'isr:a=1'\n"
        parsed = self.parse(content, "qgraph -b r -i c -o u/y -c isr:a=2")
        assert (parsed.input, parsed.output) == (("c",), "u/y")
        assert [action.value for action in parsed.pipeline_actions] == ["1", "2"]

    def test_a_real_file(self, tmp_path: Path) -> None:
        file = tmp_path / "options.yaml"
        file.write_text("run:\n  processes: 3\n  butler-config: r\n")
        assert options(f"run --options-file {file}") == RunOptions(butler_config="r", processes=3)

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ("run:\n  j: 3\n", "has nothing for qgraph"),
            ("qgraph:\n  inptu: a\n", "names 'inptu', which is no option of qgraph."),
            ("qgraph:\n  mock: true\n", "--mock in options.yaml is not supported here"),
            ("qgraph:\n  extend-run: 3\n", "--extend-run in options.yaml must be true or false, not 3."),
            ("qgraph: [", "cannot be read"),
        ],
    )
    def test_what_is_wrong(self, content: str, expected: str) -> None:
        with pytest.raises(OptionError, match=expected.replace(".", r"\.")):
            self.parse(content)

    def test_no_such_file(self) -> None:
        assert "cannot be read" in message("run -b r -@ /nowhere.yaml")
