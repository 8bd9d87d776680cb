"""What stands beside the options of a subcommand for earlier runs: runs, quanta, a number, a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.manage_options import RUN_ARGUMENTS, ManageSubcommand

from .words import Value, Word

__all__ = ["read_arguments"]

_RUN_CLASSES = ("Run", "RunEntry")
_QUANTUM_CLASSES = ("QuantumRecord", "QuantumEvent")

_WHICH_RUNS = "%pipetask runs lists all runs."
_WHICH_QUANTA = (
    "It is named by its ID, the beginning or the end of that, or as in 'isr(detector=3, visit=7)'."
)

_PAGES = (".html", ".htm")


def read_arguments(subcommand: ManageSubcommand, words: Sequence[Word]) -> dict[str, Any]:
    """Read the arguments of a subcommand.

    Parameters
    ----------
    subcommand
        The subcommand.
    words
        What is no option, and no value of one.

    Returns
    -------
    values
        Fields of `ManageOptions`.

    Raises
    ------
    OptionError
        Raised if there are too many or too few, or one makes no sense.
    """
    match subcommand:
        case "prune":
            return {"runs": tuple(name for word in words for name in _runs(word))}
        case "retry" | "cancel" | "skip":
            first, rest = words[:1], words[1:]
            quanta = tuple(name for word in rest for name in _quanta(word))
            if subcommand != "retry" and not quanta:
                raise OptionError(
                    f"{subcommand} needs to know the run, and which of its quanta.", hint=_WHICH_QUANTA
                )
            return {"runs": _one_run(subcommand, first), "quanta": quanta}
        case "step" if len(words) == 2:
            return {"runs": _one_run(subcommand, words[:1]), "count": _count(words[1])}
        case "report" if words and words[-1].text.endswith(_PAGES):
            return {"runs": _one_run(subcommand, words[:-1]), "file": words[-1].text}
        case "report" if len(words) > 1:
            raise OptionError(f"A report is written to a file that ends in .html, not to {words[-1].text!r}.")
        case _:
            return {"runs": _one_run(subcommand, words)}


def _one_run(subcommand: ManageSubcommand, words: Sequence[Word]) -> tuple[str, ...]:
    runs = tuple(name for word in words for name in _runs(word))
    if runs and subcommand not in RUN_ARGUMENTS:
        raise OptionError(f"{runs[0]!r} belongs to no option.", hint=f"{subcommand} takes no names of runs.")
    if len(runs) > 1:
        raise OptionError(f"{subcommand} takes one run, not {len(runs)}: {', '.join(runs)}.")
    return runs


def _count(word: Word) -> int:
    try:
        count = int(word.text)
    except ValueError:
        raise OptionError(f"A step is a number of quanta, not {word.text!r}.") from None
    if count < 1:
        raise OptionError(f"A step is at least one quantum, not {count}.")
    return count


def _runs(word: Word) -> Iterator[str]:
    return _names(word, "run", _run_name, _WHICH_RUNS)


def _quanta(word: Word) -> Iterator[str]:
    return _names(word, "quantum", _quantum_name, _WHICH_QUANTA)


def _names(word: Word, noun: str, name_of: Callable[[Any], str | None], hint: str) -> Iterator[str]:
    value = word.value
    if isinstance(value, str):
        if not value:
            raise OptionError(f"The name of a {noun} is empty.", hint=hint)
        yield value
    elif (name := name_of(value)) is not None:
        yield name
    elif isinstance(value, Sequence):
        for item in value:
            yield from _names(Word((item if isinstance(item, str) else Value(item),)), noun, name_of, hint)
    else:
        raise OptionError(
            f"A {noun} is named by text, or is a {noun.title()}, not an object of type {type(value).__name__}.",
            hint=hint,
        )


def _run_name(value: Any) -> str | None:
    # By name: the classes themselves take long to import.
    return str(value.id) if _is_a(value, _RUN_CLASSES) else None


def _quantum_name(value: Any) -> str | None:
    if isinstance(value, UUID):
        return str(value)
    return str(value.quantum_id) if _is_a(value, _QUANTUM_CLASSES) else None


def _is_a(value: Any, names: Sequence[str]) -> bool:
    return any(base.__name__ in names for base in type(value).__mro__)
