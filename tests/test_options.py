"""The option table: complete against upstream's commands, and its own inverse."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from jupyter_mpexec.front.parser import parse
from jupyter_mpexec.front.words import words_from_text
from jupyter_mpexec.options import SUBCOMMANDS, Option, PipelineAction, RunOptions, options_of, to_command

commands = pytest.importorskip("lsst.ctrl.mpexec.cli.cmd.commands", reason="the peer is not installed")

UPSTREAM = [
    (subcommand, param)
    for subcommand in SUBCOMMANDS
    for param in getattr(commands, subcommand).params
    if not getattr(param, "hidden", False)
]


def ours(subcommand: str, name: str) -> Option:
    found = [option for option in options_of(subcommand) if option.name == name]
    assert found, f"{name} of upstream's {subcommand} is neither supported nor refused"
    return found[0]


def default_of(param: Any) -> Any:
    """The value that upstream's scripts get if the option is not given."""
    if param.multiple:
        return tuple(param.default) if isinstance(param.default, list | tuple) else ()
    if param.is_flag:
        return param.default is True
    return param.default if isinstance(param.default, str | int) else None


@pytest.mark.parametrize(("subcommand", "param"), UPSTREAM, ids=[f"{s}-{p.name}" for s, p in UPSTREAM])
def test_every_upstream_option_is_in_the_table(subcommand: str, param: Any) -> None:
    option = ours(subcommand, param.name)
    assert set(option.flags) == set(param.opts)
    assert set(option.off_flags) == set(param.secondary_opts)
    assert option.takes_value is not param.is_flag
    assert (option.kind in ("list", "repeat", "action")) == param.multiple
    assert option.default == default_of(param)
    assert not option.ours
    choices = getattr(param.type, "choices", ())
    assert set(option.choices) == set(choices)
    assert option.minimum == getattr(param.type, "min", None)


def test_global_options_of_upstream_are_in_the_table() -> None:
    from lsst.ctrl.mpexec.cli.pipetask import cli

    names = {option.name: option for option in options_of() if option.is_global}
    assert set(names) == {param.name for param in cli.params}
    for param in cli.params:
        option = names[param.name]
        assert set(option.flags) == set(param.opts)
        assert set(option.off_flags) == set(param.secondary_opts)
        assert option.default == default_of(param)


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_what_upstream_lacks_is_marked_as_ours(subcommand: str) -> None:
    upstream = {param.name for param in getattr(commands, subcommand).params}
    newer = {"retained_dataset_types", "prune_unanchored_quanta"}
    extra = {o.name for o in options_of(subcommand) if o.name not in upstream and not o.is_global} - newer
    assert extra == {o.name for o in options_of(subcommand) if o.ours}


def test_each_field_is_an_option_with_the_same_default() -> None:
    defaults = RunOptions()
    by_name = {option.name: option for option in options_of()}
    for field in dataclasses.fields(RunOptions):
        if field.name != "pipeline_actions":
            assert by_name[field.name].default == getattr(defaults, field.name)
            assert by_name[field.name].help


def test_refused_options_say_why_and_have_no_field() -> None:
    fields = {field.name for field in dataclasses.fields(RunOptions)}
    refused = [option for option in options_of() if option.refused]
    assert refused
    assert not fields & {option.name for option in refused}


def test_flags_are_unique() -> None:
    flags = [flag for option in options_of() for flag in (*option.flags, *option.off_flags)]
    assert len(flags) == len(set(flags))


def some_options(seed: int, subcommand: str) -> RunOptions:
    """Options with about half of the values set to something."""
    chance = random.Random(seed)
    values: dict[str, Any] = {}
    for option in options_of(subcommand):
        if (
            option.refused
            or option.name in ("options_file", "background", "resume", "help")
            or chance.random() < 0.5
        ):
            continue
        text = f"{option.name} {seed}"
        match option.kind:
            case "flag":
                values[option.name] = not option.default
            case "integer":
                values[option.name] = 7 + seed
            case "choice":
                values[option.name] = chance.choice(option.choices)
            case "list":
                values[option.name] = (text, f"{text}[a,b]")
            case "repeat":
                values[option.name] = (text, f"{text},with comma")
            case "pairs":
                values[option.name] = (("name", [1, 2]), ("other", "a text"))
            case "text":
                values[option.name] = chance.choice([text, "--looks-like=an option", 'it\'s "quoted"'])
    actions = [
        PipelineAction(kind="task", value="a.b.Task", label="first"),
        PipelineAction(kind="task", value="a.b.Other"),
        PipelineAction(kind="config", label="first", name="x.y", value="1=2:3"),
        PipelineAction(kind="config_file", label="first", value="s3://bucket/file.py"),
        PipelineAction(kind="delete", label="second"),
        PipelineAction(kind="instrument", value="a.b.Camera"),
    ]
    chance.shuffle(actions)
    values["butler_config"] = "repo"
    return RunOptions(**values, pipeline_actions=tuple(actions[: seed % 7]))


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
@pytest.mark.parametrize("seed", range(20))
def test_command_is_the_inverse_of_parsing(seed: int, subcommand: str) -> None:
    options = some_options(seed, subcommand)
    words = to_command(options, subcommand)
    parsed = parse(words_from_text(words[1:]))
    assert parsed.subcommand == subcommand
    assert parsed.options == options


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
@pytest.mark.parametrize("seed", range(10))
def test_upstream_understands_the_command(seed: int, subcommand: str) -> None:
    from lsst.ctrl.mpexec.cli.utils import make_pipeline_actions
    from lsst.daf.butler.cli.utils import MWCtxObj

    options = dataclasses.replace(some_options(seed, subcommand), bind=(), retries=0, max_memory="", show=())
    # Upstream cannot have a second equals sign or colon in these; here the first one counts.
    actions = tuple(a for a in options.pipeline_actions if a.kind not in ("config", "config_file"))
    actions += (PipelineAction(kind="config", label="first", name="x.y", value="3"),)
    unset = {option.name: option.default for option in options_of() if option.is_global}
    options = dataclasses.replace(options, pipeline_actions=actions, **unset)
    command = getattr(commands, subcommand)
    words = list(to_command(options, subcommand))
    assert words[:2] == ["pipetask", subcommand]
    with command.make_context(subcommand, words[2:]) as context:
        for option in options_of(subcommand):
            if option.refused or option.ours or option.is_global or option.kind == "action":
                continue
            if option.name == "options_file":
                continue
            theirs, mine = context.params[option.name], getattr(options, option.name)
            if isinstance(mine, tuple):
                theirs = tuple(theirs or ())
            assert theirs == mine, option.name
        theirs = make_pipeline_actions(MWCtxObj.getFrom(context).args)
    kinds = {"new_task": "task", "delete_task": "delete", "add_instrument": "instrument"}
    assert [kinds.get(each.action, each.action) for each in theirs] == [each.kind for each in actions]


def test_only_what_differs_is_spelled() -> None:
    assert to_command(RunOptions(), "run") == ("pipetask", "run")
    assert to_command(RunOptions(processes=4, fail_fast=True), "qgraph") == ("pipetask", "qgraph")


def test_an_option_of_ours_names_our_program() -> None:
    assert to_command(RunOptions(bind=(("v", 1),)), "run") == ("jupyter-mpexec", "run", "--bind", "v=1")


def test_objects_have_a_placeholder() -> None:
    assert to_command(RunOptions(butler_config=object()), "run")[2:] == ("--butler-config", "{object}")
