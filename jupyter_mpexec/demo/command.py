"""``jupyter mpexec demo-repo``: make a demo repository."""

from __future__ import annotations

__all__ = ["add_arguments", "run"]

import argparse
import sys
from pathlib import Path
from typing import TextIO

SIZE_NAMES = ("small", "default", "large")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser.

    Parameters
    ----------
    parser : `argparse.ArgumentParser`
        Parser of the sub-command.
    """
    parser.add_argument("path", type=Path, metavar="PATH", help="folder to make the Butler repository in")
    parser.add_argument(
        "--size",
        choices=SIZE_NAMES,
        default="default",
        help="how many images: small 8, default 37, large 185 (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="the same seed gives the same pixels (default: %(default)s)",
    )
    parser.add_argument(
        "--hubble",
        action="store_true",
        help="make the repository of the Hubble Deep Field instead of the survey",
    )


def run(args: argparse.Namespace, out: TextIO | None = None) -> int:
    """Make the repository that the arguments ask for, and say what to do with it.

    Parameters
    ----------
    args : `argparse.Namespace`
        Parsed arguments.
    out : text stream, optional
        Where to write; standard output by default.

    Returns
    -------
    status : `int`
        0, or 1 if there was something in the way.
    """
    from .hubble import HubbleRepository, make_hubble_repository
    from .repository import DemoRepository, make_repository

    stream = sys.stdout if out is None else out
    repository: HubbleRepository | DemoRepository
    try:
        if args.hubble:
            repository = make_hubble_repository(args.path)
            what, output = "The Hubble Deep Field", "u/me/hubble"
        else:
            made = repository = make_repository(args.path, size=args.size, seed=args.seed)
            what, output = f"A survey of {made.images} images", "u/me/survey"
    except FileExistsError:
        sys.stderr.write(f"There is a Butler repository in {args.path} already: choose another folder.\n")
        return 1
    stream.write(
        f"{what} is in {repository.root}.\n"
        "Run its pipeline with\n"
        f"  jupyter mpexec run -b {repository.root} -i {repository.inputs} -o {output} \\\n"
        f"    -p {repository.pipeline} --register-dataset-types\n"
    )
    return 0
