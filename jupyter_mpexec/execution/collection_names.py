"""Look up collections, with a suggestion where a name is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from lsst.daf.butler import Butler, CollectionInfo, MissingCollectionError

from jupyter_mpexec.errors import CollectionError, did_you_mean

__all__ = ["as_names", "find_collection", "flatten"]


def as_names(collections: str | Iterable[str] | None) -> tuple[str, ...]:
    """Turn one name, comma-separated names (as on a command line) or several names into a tuple."""
    if collections is None:
        return ()
    if isinstance(collections, str):
        collections = collections.split(",")
    return tuple(name.strip() for name in collections if name.strip())


def find_collection(butler: Butler, name: str) -> CollectionInfo | None:
    """Get what is known of a collection; None if it does not exist."""
    try:
        return butler.collections.get_info(name)
    except MissingCollectionError:
        return None


def flatten(butler: Butler, collections: Iterable[str], *, argument: str) -> tuple[str, ...]:
    """Resolve collection names and glob patterns to the collections that are searched, chains taken apart.

    Parameters
    ----------
    butler
        Client of the repository.
    collections
        Names, or patterns such as ``u/me/*``.
    argument
        How the user gave them, for the message: ``input= (-i)``.

    Raises
    ------
    CollectionError
        Raised if one does not exist.
    """
    names = tuple(collections)
    if not names:
        return ()
    try:
        return tuple(butler.collections.query(names, flatten_chains=True))
    except MissingCollectionError as error:
        known = butler.collections.query("*", include_chains=True)
        missing = next((name for name in names if "*" not in name and name not in known), ", ".join(names))
        hint = did_you_mean(missing, known) or "See `butler query-collections` for what there is."
        raise CollectionError(
            f"There is no collection {missing!r} in the repository.",
            hint=f"{hint} It was given as {argument}.",
        ) from error
