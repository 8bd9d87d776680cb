"""The text of a pipeline file, while it is being written: a diagram, or what is wrong and in which line."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml
from lsst.pipe.base import Pipeline

from jupyter_mpexec.display.scene import make_scene
from jupyter_mpexec.errors import JupyterMpexecError, TaskNotFoundError, sentence

from ..class_import import module_beside_us
from ..pipeline_file import make_graph
from ..views.pipeline_diagram import pipeline_diagram
from ..views.pipeline_nodes import task_dimensions
from .pipeline_lines import line_of, task_lines

__all__ = ["PipelineReader"]


class PipelineReader:
    """Answers questions about a pipeline. Its task classes are imported, as a diagram needs their connections.

    Parameters
    ----------
    path
        The file that the text is of; files that it imports are found from its folder.
    """

    def __init__(self, path: str) -> None:
        self._name = Path(path).name
        os.chdir(Path(path).parent)

    def pipeline(self, text: str, dataset_types: bool = False) -> dict[str, Any]:
        """Put the pipeline together.

        Parameters
        ----------
        text
            The YAML.
        dataset_types
            Draw dataset types too.

        Returns
        -------
        answer
            ``scene`` and ``tasks``, or the ``problem``: message, hint, and line (from 1).
        """
        try:
            # Where it stands is only known before anything else looks at it.
            yaml.compose(text, Loader=yaml.SafeLoader)
            graph = make_graph(_parse(text))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            message = f"This is not YAML: {getattr(error, 'problem', None) or error}."
            return _problem(message, "", mark.line + 1 if mark else 1)
        except TaskNotFoundError as error:
            return _problem(error.message, self._outside(error) or error.hint, line_of(error, text))
        except JupyterMpexecError as error:
            return _problem(error.message, error.hint, line_of(error, text))
        except Exception as error:  # whatever the tasks of the user raise
            return _problem(sentence(error) or type(error).__name__, "", line_of(error, text))
        tasks = [
            {"label": label, "class": task.task_class_name, "dimensions": task_dimensions(task)}
            for label, task in graph.tasks.items()
        ]
        diagram = pipeline_diagram(graph, dataset_types=dataset_types)
        return {
            "scene": make_scene(diagram, direction="down"),
            "tasks": tasks,
            "lines": task_lines(text),
            "problem": None,
        }

    def _outside(self, error: TaskNotFoundError) -> str:
        """Say how a module beside the file is found: this process has the path of the server, not of a notebook."""
        named = next((word for word in re.findall(r"'([\w.]+)'", error.message) if "." in word), "")
        if not module_beside_us(named):
            return ""
        return (
            f"JupyterLab's server draws this, and does not import what lies beside a file. Draw it in a notebook with "
            f"%pipetask build -p {self._name}, or set PYTHONPATH to this folder before you start JupyterLab."
        )


def _parse(text: str) -> Pipeline:
    if not text.strip():
        raise ValueError("There is nothing in this file yet: a pipeline has a description and tasks.")
    return Pipeline.fromString(text)


def _problem(message: str, hint: str, line: int) -> dict[str, Any]:
    return {"scene": None, "tasks": [], "problem": {"message": message, "hint": hint, "line": line}}
