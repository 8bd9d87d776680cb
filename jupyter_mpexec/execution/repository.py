"""Open a Butler repository, and say clearly why that is not possible."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from lsst.daf.butler import Butler, ButlerConfig
from lsst.resources import ResourcePath
from sqlalchemy.exc import DBAPIError

from jupyter_mpexec.errors import RepositoryError, did_you_mean, sentence

from .middleware import butler_config

__all__ = [
    "RepositorySource",
    "is_location",
    "is_same_repository",
    "open_butler",
    "repository_config",
    "repository_root",
    "repository_uri",
]

RepositorySource = str | os.PathLike[str] | ResourcePath | ButlerConfig | Butler
"""What names a repository: a path, URI or alias, a configuration, or an open butler."""


def open_butler(repo: RepositorySource | None, *, writeable: bool = False, **kwargs: Any) -> Butler:
    """Open a Butler repository.

    Parameters
    ----------
    repo
        Path or URI of a repository or of its ``butler.yaml``, alias from the repository index, or a butler:
        then a new butler of the same repository is made, that can be closed and used in another thread.
    writeable
        Whether datasets and collections will be written.
    **kwargs
        Passed on to `lsst.daf.butler.Butler.from_config`.

    Returns
    -------
    butler
        A new butler; the caller closes it.

    Raises
    ------
    RepositoryError
        Raised if there is no repository, it cannot be read, or it cannot be written to.
    """
    if repo is None:
        raise RepositoryError(
            "No Butler repository is given.",
            hint="Give its path, URI or alias: butler= (-b, --butler-config).",
        )
    if isinstance(repo, Butler):
        config = butler_config(repo)
        if config is None or (config.configFile is None and repo.isWriteable() == writeable):
            # Nothing to open again: a remote repository, or one that lives in the memory of this butler.
            if writeable and not repo.isWriteable():
                raise _read_only(repository_uri(repo), "The butler was opened read-only.")
            return repo.clone(**kwargs)
        if config.configFile is None and _is_in_memory(config):
            raise RepositoryError(
                "This repository is only in the memory of its butler, and cannot be opened again to read from it.",
                hint="Make one in a folder, with `Butler.makeRepo`.",
            )
        repo = config
    name = repository_uri(repo)
    try:
        # An explicit False: a `run` among the arguments must not make the butler writeable.
        source = repo if isinstance(repo, ButlerConfig | ResourcePath) else os.fspath(repo)
        return _from_config(source, writeable=writeable, **kwargs)
    except FileNotFoundError as error:
        raise _not_found(name) from error
    except DBAPIError as error:
        if "readonly" in str(error.orig) or "permission denied" in str(error.orig):
            raise _read_only(name, sentence(error.orig)) from error
        raise RepositoryError(
            f"The database of repository {name} cannot be opened: {sentence(error.orig)}",
            hint="Check that this is a complete Butler repository, and that its database can be reached.",
        ) from error
    except PermissionError as error:
        raise (
            _read_only(name, sentence(error))
            if writeable
            else RepositoryError(f"Repository {name} may not be read: {sentence(error)}")
        ) from error
    except (yaml.YAMLError, KeyError, ValueError, TypeError, RuntimeError, OSError) as error:
        raise RepositoryError(
            f"{name} is not a Butler repository: {_in_one_line(error)}",
            hint="Give the folder that has a butler.yaml in it. `butler create` makes a new repository.",
        ) from error


def _from_config(source: Any, *, writeable: bool, **kwargs: Any) -> Butler:
    try:
        return Butler.from_config(source, writeable=writeable, **kwargs)
    except DBAPIError as error:
        if writeable or "readonly" not in str(error.orig):
            raise
        # A process was killed in the middle of a transaction. SQLite undoes that for the first one to come who may
        # write, and lets nobody else read before.
        Butler.from_config(source, writeable=True).close()
        return Butler.from_config(source, writeable=False, **kwargs)


def repository_uri(repo: RepositorySource) -> str:
    """Get the URI of a repository's root folder, or what stands for it, for people and command lines."""
    config = butler_config(repo) if isinstance(repo, Butler) else repo
    if isinstance(config, ButlerConfig):
        config = config.configDir
    if config is None:
        return str(repo)
    if isinstance(config, ResourcePath):
        return config.ospath.rstrip("/") or "/" if config.scheme == "file" else str(config)
    return os.fspath(config)


def is_location(repo: RepositorySource) -> bool:
    """Whether `repository_uri` gives what the repository can be opened with elsewhere."""
    return not isinstance(repo, Butler) or getattr(butler_config(repo), "configFile", None) is not None


def repository_root(repo: RepositorySource) -> str:
    """Get the path or URI of a repository's root folder that is the same for all names of it, links included."""
    uri = Butler.get_repo_uri(repository_uri(repo), return_label=True)
    root = ResourcePath(uri, forceDirectory=True)
    return os.path.realpath(root.ospath) if root.isLocal else str(root)


def is_same_repository(one: RepositorySource, other: RepositorySource) -> bool:
    """Whether two names, aliases included, stand for the same repository."""
    return repository_root(one) == repository_root(other)


def repository_config(butler: Butler) -> ButlerConfig | Butler:
    """Get what `open_butler` needs to open a butler's repository again; can be pickled."""
    config = butler_config(butler)
    return butler if config is None or config.configFile is None else config


def _not_found(name: str) -> RepositoryError:
    aliases = sorted(Butler.get_known_repos())
    known = f"Known aliases: {', '.join(aliases)}." if aliases else "No repository aliases are defined."
    if name in aliases:
        return RepositoryError(
            f"The alias {name!r} leads to {Butler.get_repo_uri(name)}, which does not exist."
        )
    is_local = ResourcePath(name, forceDirectory=True).scheme == "file"
    if is_local and os.path.isdir(name):  # noqa: PTH112  # as str: a path would lose a trailing dot
        return RepositoryError(
            f"{name} is not a Butler repository: it has no butler.yaml.",
            hint=f"Give the folder that has a butler.yaml in it, or an alias. {known}",
        )
    beside = Path(name).parent.glob("*/butler.yaml") if is_local else ()
    hint = did_you_mean(name, [*aliases, *(str(config.parent) for config in beside)])
    return RepositoryError(f"There is no Butler repository at {name}.", hint=f"{hint} {known}".strip())


def _is_in_memory(config: ButlerConfig) -> bool:
    database = str(config["registry", "db"])
    return ":memory:" in database or database == "sqlite://"


def _read_only(name: str, reason: str) -> RepositoryError:
    return RepositoryError(
        f"Repository {name} cannot be written to. {reason}",
        hint="Quantum graphs can be built from it; to run them, get write access or use another one.",
    )


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
