"""The configuration of one task of a pipeline: defaults, overrides, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lsst.pex.config import Config
from lsst.pipe.base import Instrument, Pipeline, PipelineTask, PipelineTaskConfig
from lsst.pipe.base.pipelineIR import ConfigIR, PipelineIR, TaskIR
from lsst.utils.doImport import doImportType

from jupyter_mpexec.errors import PipelineError, TaskNotFoundError, did_you_mean

from .class_import import import_problem

__all__ = ["TaskDescription", "describe_task", "field_names", "import_instrument", "import_task"]


@dataclass(frozen=True)
class TaskDescription:
    """One task of a pipeline and all that configures it.

    Parameters
    ----------
    task
        Label, class name and overrides.
    document
        The whole pipeline.
    """

    task: TaskIR
    document: PipelineIR

    @cached_property
    def task_class(self) -> type[PipelineTask]:
        """The task's class, imported."""
        return import_task(self.task.klass, label=self.task.label)

    def config(self, *, instrument: bool = True, pipeline: bool = True) -> PipelineTaskConfig:
        """Make the configuration: not frozen, and not validated as a whole, since it may not be finished yet.

        Parameters
        ----------
        instrument
            Apply the overrides of the pipeline's instrument.
        pipeline
            Apply the overrides of the pipeline.
        """
        config = self.task_class.ConfigClass()
        overrides: Sequence[ConfigIR] = (self.task.config or ()) if pipeline else ()
        name = self.document.instrument if instrument else None
        config.applyConfigOverrides(
            import_instrument(name)() if name is not None else None,
            getattr(self.task_class, "_DefaultName", ""),
            overrides,
            self.document.parameters,
            self.task.label,
        )
        return config

    def checked_config(self) -> PipelineTaskConfig:
        """Make the configuration, or explain why that is not possible.

        Raises
        ------
        PipelineError
            Raised if an override names a field that does not exist, or has a value that does not fit.
        """
        try:
            return self.config()
        except (PipelineError, MemoryError):
            raise
        except AttributeError as error:
            raise self._explain_unknown_field(error) from error
        except OSError as error:
            raise PipelineError(
                f"A config file of task {self.task.label!r} cannot be read: {error}."
            ) from error
        except Exception as error:  # config files are programs: they may raise anything
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise PipelineError(
                f"The configuration of task {self.task.label!r} is wrong: {reason}.".replace("..", ".")
            ) from error

    def _explain_unknown_field(self, error: AttributeError) -> PipelineError:
        known = field_names(self.config(pipeline=False))
        for override in self.task.config or ():
            for name in override.rest:
                if name not in known and not _is_inside(name, known):
                    return PipelineError(
                        f"The config of task {self.task.label!r} ({self.task.klass}) has no field {name!r}.",
                        hint=did_you_mean(name, known) or f"Its fields: {', '.join(sorted(known))}.",
                    )
        return PipelineError(f"The configuration of task {self.task.label!r} is wrong: {error}.")


def describe_task(pipeline: Pipeline, label: str) -> TaskDescription:
    """Look up one task of a pipeline.

    Raises
    ------
    TaskNotFoundError
        Raised if there is no such task; with a suggestion.
    """
    if label not in pipeline.task_labels:
        raise TaskNotFoundError(
            f"The pipeline has no task {label!r}.",
            hint=did_you_mean(label, pipeline.task_labels)
            or f"Its tasks: {', '.join(pipeline.task_labels) or 'none'}.",
        )
    document = PipelineIR.from_string(str(pipeline))
    return TaskDescription(document.tasks[label], document)


def import_task(name: str, *, label: str = "") -> type[PipelineTask]:
    """Import a task class.

    Raises
    ------
    TaskNotFoundError
        Raised if it cannot be imported, or is no `PipelineTask`.
    """
    where = f" of task {label!r}" if label else ""
    try:
        task_class = doImportType(name)
    except (ImportError, TypeError, ValueError) as error:
        reason, hint = import_problem(name, error)
        raise TaskNotFoundError(
            f"The class {name!r}{where} cannot be imported: {reason}", hint=hint
        ) from error
    if not issubclass(task_class, PipelineTask):
        raise TaskNotFoundError(f"The class {name!r}{where} is not a PipelineTask.")
    return task_class


def import_instrument(name: str) -> type[Instrument]:
    """Import an instrument class.

    Raises
    ------
    PipelineError
        Raised if it cannot be imported, or is no `Instrument`.
    """
    try:
        instrument = doImportType(name)
    except (ImportError, TypeError, ValueError) as error:
        raise PipelineError(
            f"The instrument {name!r} cannot be imported: {str(error).rstrip('.')}.",
            hint="Give the full name of the instrument's class, such as lsst.obs.lsst.LsstCam.",
        ) from error
    if not issubclass(instrument, Instrument):
        raise PipelineError(f"{name!r} is not an Instrument class.")
    return instrument


def field_names(config: Config) -> set[str]:
    """List the fields of a config and of the configs in it, as dotted names."""
    names = set()
    for name in config.keys():  # noqa: SIM118  # a Config is no mapping
        names.add(name)
        value = getattr(config, name)
        inner = value if isinstance(value, Config) else getattr(value, "value", None)
        if isinstance(inner, Config):
            names.update(f"{name}.{deeper}" for deeper in field_names(inner))
    return names


def _is_inside(name: str, known: set[str]) -> bool:
    """Whether the last part of a name may be something inside a field, such as a registry's active choice."""
    parent, _, last = name.rpartition(".")
    return parent in known and last in ("name", "names", "target", "active", "value")
