"""Say what is wrong with a data query, in place of upstream's many exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from lsst.daf.butler import Butler, ButlerUserError, MissingCollectionError
from lsst.pipe.base.pipeline_graph import PipelineGraphError
from lsst.pipe.base.quantum_graph_builder import OutputExistsError, QuantumGraphBuilderError

from jupyter_mpexec.errors import (
    CollectionError,
    JupyterMpexecError,
    PipelineError,
    QuantumGraphError,
    QueryError,
    did_you_mean,
    sentence,
)

__all__ = ["explained_build_errors"]


@contextmanager
def explained_build_errors(butler: Butler, data_query: str, output_run: str) -> Iterator[None]:
    """Turn errors of building a graph into errors for the reader.

    Parameters
    ----------
    butler
        Knows the dimensions, for suggestions.
    data_query
        The query.
    output_run
        RUN collection that the graph is for.
    """
    try:
        yield
    except JupyterMpexecError:
        raise
    except MissingCollectionError as error:
        raise CollectionError(f"A collection is missing: {sentence(error)}") from error
    except ButlerUserError as error:
        raise _query_error(butler, data_query, error) from error
    except PipelineGraphError as error:
        raise PipelineError(f"The pipeline does not fit the repository: {sentence(error)}") from error
    except OutputExistsError as error:
        raise QuantumGraphError(
            f"There are leftovers of failed quanta in the output run {output_run!r}, in the way of new outputs.",
            hint="Add clobber_outputs=True (--clobber-outputs) to remove them before the quanta run again.",
        ) from error
    except QuantumGraphBuilderError as error:
        raise QuantumGraphError(f"The quantum graph cannot be built: {sentence(error)}") from error
    except FileNotFoundError as error:  # what a task's connections raise about quanta without enough inputs
        raise QuantumGraphError(
            f"The quantum graph cannot be built: {error}",
            hint="Check input= (-i): do those collections have the prerequisites, such as calibrations?",
        ) from error
    except KeyError as error:
        element = error.args[0] if error.args else None
        if element not in {known.name for known in butler.dimensions.elements} or not _is_of_butler(error):
            raise
        raise QuantumGraphError(
            f"The repository has no {element!r} record for some of the data IDs that the graph needs.",
            hint="Such records come from `butler define-visits`, or wherever else the repository got its visits; "
            "or else leave out those data IDs with data_query= (-d).",
        ) from error


def _is_of_butler(error: BaseException) -> bool:
    """Tell whether the butler raised it, not a task's connections."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("lsst.daf.butler.")


def _query_error(butler: Butler, data_query: str, error: ButlerUserError) -> JupyterMpexecError:
    cause = (
        f" {error.__cause__}"
        if error.__cause__ is not None and str(error.__cause__) not in str(error)
        else ""
    )
    problem = f"{error}{cause}".rstrip(".")
    if not data_query:
        return QuantumGraphError(f"The quantum graph cannot be built: {problem}.")
    return QueryError(
        f"The data query {data_query!r} is not right: {problem}.",
        hint=_suggestion(butler, data_query, str(error)),
    )


def _suggestion(butler: Butler, data_query: str, message: str) -> str:
    elements = butler.dimensions.elements
    known = [element.name for element in elements]
    if field := re.search(r"field '(\w+)' for (\w+)", message):
        names = butler.dimensions[field[2]].schema.names if field[2] in known else ()
        return did_you_mean(field[1], names) or f"Fields of {field[2]}: {', '.join(names)}."
    for word in re.findall(r"'([A-Za-z_]\w*)'", message):
        if word in data_query and word not in known and (hint := did_you_mean(word, known)):
            return hint
    if bind := re.search(r"Name '(\w+)' is not in the bind map", message):
        return f"Give its value: --bind {bind[1]}=VALUE, or bind={{{bind[1]!r}: …}} in Python."
    return "Write for example: instrument = 'LSSTCam' AND visit = 42 AND detector IN (1..5)"
