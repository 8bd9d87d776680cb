"""Where a run reads from and writes to: the rules of `pipetask` for its collection options, as a plan.

Planning only reads. Nothing is registered, redefined or removed before `prepare_write_butler`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from lsst.daf.butler import Butler, CollectionType
from lsst.pipe.base import Instrument

from jupyter_mpexec.errors import CollectionError, UsageError

from .collection_names import as_names, find_collection, flatten

__all__ = ["OutputCollections", "plan_outputs"]


@dataclass(frozen=True, kw_only=True)
class OutputCollections:
    """The collections of a run, resolved against a repository.

    Parameters
    ----------
    inputs
        Input collections as given by the user, with chains taken apart.
    output
        CHAINED collection above the output run; None for a run without one.
    chain
        Its children, as they were or (with ``rebase``) as they will be, before the output run is added.
    output_exists
        Whether `output` existed.
    output_run
        RUN collection that outputs go to.
    run_is_new
        The output run does not exist yet, so that none of its datasets can.
    extend_run, replace_run, prune_replaced, rebase
        The options, as given.
    """

    inputs: tuple[str, ...]
    output: str | None
    chain: tuple[str, ...]
    output_exists: bool
    output_run: str
    run_is_new: bool
    extend_run: bool = False
    replace_run: bool = False
    prune_replaced: str | None = None
    rebase: bool = False

    @property
    def replaced(self) -> str | None:
        """Collection that ``replace_run`` takes out of the chain."""
        return self.chain[0] if self.replace_run else None

    @property
    def search_path(self) -> tuple[str, ...]:
        """Collections to search for inputs when the graph is built, in order."""
        path: tuple[str, ...]
        if self.output is None or not self.output_exists:
            path = self.inputs
        elif self.replace_run:
            path = self.chain[1:]
        else:
            path = (self.output,)
        return (self.output_run, *path) if self.extend_run else path


def plan_outputs(
    butler: Butler,
    *,
    input: str | Iterable[str] = (),  # noqa: A002  # the name of pipetask's option
    output: str | None = None,
    output_run: str | None = None,
    extend_run: bool = False,
    replace_run: bool = False,
    prune_replaced: str | None = None,
    rebase: bool = False,
    graph_is_built: bool = False,
) -> OutputCollections:
    """Work out the collections of a run, by the rules of `pipetask`.

    Parameters
    ----------
    butler
        Client of the repository; it is only read from.
    input
        Input collections.
    output
        CHAINED collection to make or to use; without ``output_run``, the run gets its name and the time.
    output_run
        RUN collection to write to.
    extend_run
        Write to an existing run: ``output_run``, or else the first one in ``output``.
    replace_run
        Take the first run out of ``output``.
    prune_replaced
        What becomes of the replaced run: ``"purge"`` removes it, ``"unstore"`` deletes its files.
    rebase
        If ``input`` does not fit an existing ``output``, redefine the chain.
    graph_is_built
        There is a quantum graph already, so that the output run cannot change any more.

    Returns
    -------
    plan
        The collections.

    Raises
    ------
    CollectionError
        Raised if collections are missing, of the wrong type, in the way, or do not fit each other.
    UsageError
        Raised if options exclude each other.
    """
    _check_options(extend_run, replace_run, prune_replaced, output=output, output_run=output_run)
    chain, output_exists = _existing_chain(butler, output)
    # An empty chain is what is left where somebody was interrupted who was about to make one: it takes the inputs.
    output_exists &= bool(chain or not as_names(input))
    if output_run is None:
        output_run = _default_run(butler, output, chain, extend_run)
    elif rebase and output is not None and not output_run.startswith(output):
        raise CollectionError(
            f"Cannot rebase: the output run {output_run!r} does not begin with the output, {output!r}.",
            hint="Leave out rebase= (--rebase), or change output_run= (--output-run).",
        )
    run_exists = _run_exists(butler, output_run)
    inputs = flatten(butler, as_names(input), argument="input= (-i, --input)")
    if output_exists and inputs and not _contains(chain, inputs):
        if rebase:
            chain = _rebased(chain, inputs, str(output))
        _check_chain(str(output), chain, inputs)
    _check_run(output_run, run_exists, extend_run, graph_is_built=graph_is_built)
    if replace_run and not (output_exists and chain):
        raise CollectionError(
            f"There is no run to replace: the output {output!r} does not exist, or is an empty chain.",
            hint="Leave out replace_run=True (--replace-run), or check output= (-o).",
        )
    return OutputCollections(
        inputs=inputs,
        output=output,
        chain=chain,
        output_exists=output_exists,
        output_run=output_run,
        run_is_new=not run_exists,
        extend_run=extend_run,
        replace_run=replace_run,
        prune_replaced=prune_replaced,
        rebase=rebase,
    )


def _check_options(
    extend_run: bool,
    replace_run: bool,
    prune_replaced: str | None,
    *,
    output: str | None,
    output_run: str | None,
) -> None:
    if extend_run and replace_run:
        raise UsageError(
            "A run cannot be both extended and replaced.",
            hint="Use one of extend_run= (--extend-run) and replace_run= (--replace-run).",
        )
    if prune_replaced not in (None, "purge", "unstore"):
        raise UsageError(
            f"prune_replaced= (--prune-replaced) is {prune_replaced!r}, not 'purge' or 'unstore'."
        )
    if prune_replaced and not replace_run:
        raise UsageError(
            "prune_replaced= (--prune-replaced) is about a run that replace_run= (--replace-run) takes out.",
            hint="Add replace_run=True (--replace-run), or leave prune_replaced out.",
        )
    if output is None and output_run is None:
        raise CollectionError(
            "There is no output collection.",
            hint="Give output= (-o), a name such as u/you/try1, or output_run= (--output-run).",
        )
    if replace_run and output is None:
        raise CollectionError(
            "replace_run=True (--replace-run) needs the chain to replace a run in.", hint="Give output= (-o)."
        )


def _existing_chain(butler: Butler, output: str | None) -> tuple[tuple[str, ...], bool]:
    info = find_collection(butler, output) if output is not None else None
    if info is None:
        return (), False
    if info.type is not CollectionType.CHAINED:
        raise CollectionError(
            f"The output {output!r} exists already as a {info.type.name} collection, not a CHAINED one.",
            hint="Choose another output= (-o), or give it as output_run= (--output-run).",
        )
    return tuple(info.children), True


def _default_run(butler: Butler, output: str | None, chain: tuple[str, ...], extend_run: bool) -> str:
    if not extend_run:
        # The name has the time in it, to the second: a second run within the same one waits for the next.
        for _ in range(20):
            name = f"{output}/{Instrument.makeCollectionTimestamp()}"
            if find_collection(butler, name) is None:
                break
            time.sleep(0.1)
        return name
    if not chain:
        raise CollectionError(
            f"There is no run to extend: the output {output!r} does not exist, or is empty.",
            hint="Leave out extend_run=True (--extend-run), or check output= (-o).",
        )
    return chain[0]


def _run_exists(butler: Butler, output_run: str) -> bool:
    info = find_collection(butler, output_run)
    if info is not None and info.type is not CollectionType.RUN:
        raise CollectionError(
            f"The output run {output_run!r} exists already as a {info.type.name} collection, not a RUN.",
            hint="Give another output_run= (--output-run).",
        )
    return info is not None


def _check_run(output_run: str, exists: bool, extend_run: bool, *, graph_is_built: bool) -> None:
    if extend_run and not exists:
        raise CollectionError(
            f"There is no run to extend: the output run {output_run!r} does not exist.",
            hint="Leave out extend_run=True (--extend-run), or check output_run= (--output-run).",
        )
    if exists and not extend_run:
        raise CollectionError(
            f"The output run {output_run!r} exists already.",
            hint="The graph was run before, it seems. Add to that run with graph.extended().run() or with "
            "%pipetask run -g {graph.extended()}, or build the graph again for a new one."
            if graph_is_built
            else "Use extend_run=True (--extend-run) to add to it, or another output_run= (--output-run).",
        )


def _check_chain(output: str, chain: tuple[str, ...], inputs: tuple[str, ...]) -> None:
    if not _contains(chain, inputs):
        raise CollectionError(
            f"The output {output!r} exists, and its chain ({', '.join(chain)}) does not contain the inputs "
            f"({', '.join(inputs)}) in this order and side by side.",
            hint="Leave out input= (-i) to go on with the inputs that it has, choose another output= (-o), "
            "or use rebase=True (--rebase) to redefine the chain; then it no longer tells what its older "
            "runs were made from.",
        )


def _contains(chain: tuple[str, ...], inputs: tuple[str, ...]) -> bool:
    return any(chain[n : n + len(inputs)] == inputs for n in range(len(chain) - len(inputs) + 1))


def _rebased(chain: tuple[str, ...], inputs: tuple[str, ...], output: str) -> tuple[str, ...]:
    """Put the output's own runs first, then the inputs, then what else was there; each once."""
    own = [name for name in chain if name.startswith(output)]
    return tuple(dict.fromkeys([*own, *inputs, *chain]))
