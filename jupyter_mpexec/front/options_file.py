"""Options from a YAML file: ``-@ FILE``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.options import Option, Subcommand, options_of

from .conversion import convert
from .words import Value, Word

__all__ = ["read_options_file"]


def read_options_file(
    file: str, subcommand: Subcommand, read_file: Callable[[str], str] | None = None
) -> list[tuple[Option, Any]]:
    """Read the options of a subcommand.

    Unlike upstream, which passes over them, the steps of pipeline building (``task``, ``config``, …) are
    taken up too, in the order of the file and before those of the command line.

    Parameters
    ----------
    file
        Path or URI. The file holds subcommand names, and below each option names without dashes.
    subcommand
        Whose options to read.
    read_file
        Reads the text of a file.

    Raises
    ------
    OptionError
        Raised if the file cannot be read, has nothing for the subcommand, or names an unknown option.
    """
    import yaml

    try:
        content = yaml.safe_load((read_file or _read)(file))
    except (OSError, yaml.YAMLError) as error:
        raise OptionError(f"The options file {file} cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get(subcommand), dict):
        raise OptionError(
            f"The options file {file} has nothing for {subcommand}.",
            hint=f"It needs a key {subcommand!r}, with option names and values below it.",
        )
    known = {flag.lstrip("-"): option for option in options_of(subcommand) for flag in option.flags}
    given: list[tuple[Option, Any]] = []
    for name, value in content[subcommand].items():
        option = known.get(str(name))
        if option is None:
            raise OptionError(
                f"The options file {file} names {name!r}, which is no option of {subcommand}.",
                hint=did_you_mean(str(name), known),
            )
        if option.refused:
            raise OptionError(f"{option.flag} in {file} is not supported here: {option.refused}.")
        given.extend((option, item) for item in _values(option, file, value))
    return given


def _values(option: Option, file: str, value: Any) -> list[Any]:
    where = f"{option.flag} in {file}"
    if option.kind == "flag":
        if not isinstance(value, bool):
            raise OptionError(f"{where} must be true or false, not {value!r}.")
        return [value]
    items = value if isinstance(value, list) and option.kind != "list" else [value]
    return [convert(option, where, Word((item if isinstance(item, str) else Value(item),))) for item in items]


def _read(file: str) -> str:
    if "://" not in file:
        return Path(file).expanduser().read_text(encoding="utf-8")
    from jupyter_mpexec.execution.pipetask import read_text

    text: str = read_text(file)
    return text
