"""Loading and unloading, and the displays of the middleware's classes."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from lsst.pex.config import Config, Field
from lsst.pipe.base import Pipeline, TaskMetadata

import jupyter_mpexec
from jupyter_mpexec.execution.views import UPSTREAM_TYPES


def bundle(shell: InteractiveShell, obj: Any) -> dict[str, str]:
    return shell.display_formatter.format(obj)[0]


def registered(shell: InteractiveShell) -> tuple[set[Any], int]:
    formatter = shell.display_formatter.mimebundle_formatter
    printers = {*formatter.deferred_printers, *formatter.type_printers}
    return printers, len(shell.Completer.custom_matchers)


class BaseConfig(Config):
    number = Field[int](doc="A number.", default=1)


class DerivedConfig(BaseConfig):
    pass


def test_loading_twice_is_loading_once(shell: InteractiveShell) -> None:
    before = registered(shell)
    jupyter_mpexec.load_ipython_extension(shell)
    assert registered(shell) == before


def test_reloading_is_silent_wherever_it_is_done(bare_shell: InteractiveShell) -> None:
    """Cells that JupyterLab inserts begin with it."""
    for _ in range(2):
        with capture_output() as captured:
            result = bare_shell.run_cell("%reload_ext jupyter_mpexec\n%pipetask --help")
        assert result.success
        assert captured.stdout.startswith("Usage")
    once = registered(bare_shell)
    bare_shell.run_line_magic("reload_ext", "jupyter_mpexec")
    assert registered(bare_shell) == once
    bare_shell.run_line_magic("unload_ext", "jupyter_mpexec")


def test_unloading_leaves_nothing(bare_shell: InteractiveShell) -> None:
    before = registered(bare_shell)
    jupyter_mpexec.load_ipython_extension(bare_shell)
    bundle(bare_shell, TaskMetadata())  # which moves a display from the deferred to the loaded ones
    jupyter_mpexec.unload_ipython_extension(bare_shell)
    jupyter_mpexec.unload_ipython_extension(bare_shell)
    assert registered(bare_shell) == before
    assert bare_shell.find_line_magic("pipetask") is None
    assert bare_shell.find_cell_magic("pipetask") is None
    assert "text/html" not in bundle(bare_shell, TaskMetadata())


def test_a_display_that_was_there_comes_back(bare_shell: InteractiveShell) -> None:
    formatter = bare_shell.display_formatter.mimebundle_formatter
    module, name = next(key for key in UPSTREAM_TYPES if key[1] == "TaskMetadata")
    formatter.for_type_by_name(module, name, lambda obj: {"text/plain": "the user's own"})
    try:
        jupyter_mpexec.load_ipython_extension(bare_shell)
        jupyter_mpexec.unload_ipython_extension(bare_shell)
        assert bundle(bare_shell, TaskMetadata())["text/plain"] == "the user's own"
    finally:
        formatter.pop(f"{module}.{name}", None)


def test_all_classes_are_found_where_they_are_registered() -> None:
    import importlib

    for module, name in UPSTREAM_TYPES:
        cls = getattr(importlib.import_module(module), name)
        assert (cls.__module__, cls.__qualname__) == (module, name)


def test_subclasses_are_displayed_too(shell: InteractiveShell) -> None:
    shown = bundle(shell, DerivedConfig())
    assert "DerivedConfig" in shown["text/plain"]
    assert "text/html" in shown


def test_pipeline_has_text_html_and_svg(shell: InteractiveShell) -> None:
    pipeline = Pipeline("One task")
    pipeline.addTask("lsst.pipe.base.tests.no_dimensions.NoDimensionsTestTask", "only")
    shown = bundle(shell, pipeline)
    assert {"text/plain", "text/html", "image/svg+xml"} <= set(shown)
    assert "only" in shown["text/plain"]


def test_other_objects_are_displayed_as_ever(shell: InteractiveShell) -> None:
    assert set(bundle(shell, [1, 2])) == {"text/plain"}


def test_errors_of_the_package_are_shown_as_their_message(shell: InteractiveShell) -> None:
    code = "from jupyter_mpexec import PipelineBuilder; PipelineBuilder('/nowhere.yaml')"
    with capture_output() as captured:
        shell.run_cell(code)
    assert captured.stdout.splitlines()[0].endswith("There is no pipeline file /nowhere.yaml.")
    assert "Traceback" not in captured.stdout
    with capture_output() as captured:
        shell.run_cell("1 / 0")
    assert "Traceback" in captured.stdout
    shell.run_line_magic("unload_ext", "jupyter_mpexec")
    with capture_output() as captured:
        shell.run_cell(code)
    assert "Traceback" in captured.stdout
    shell.run_line_magic("load_ext", "jupyter_mpexec")
