"""Source of a method, read as if it stood in the body of its class."""

from __future__ import annotations

import ast

__all__ = ["parse_in_class", "private_name"]


def parse_in_class(source: str, class_name: str, file: str = "<unknown>") -> ast.Module:
    """Parse source that was taken from a class, so that it can be compiled elsewhere.

    Parameters
    ----------
    source
        The text of methods, and of what is beside them.
    class_name
        Name of the class.
    file
        What tracebacks call it.

    Raises
    ------
    SyntaxError
        Raised if it is no Python.
    """
    tree = ast.parse(source, file)
    # They have to be at the beginning of a file, and what they ask for is in force here.
    tree.body = [n for n in tree.body if not (isinstance(n, ast.ImportFrom) and n.module == "__future__")]
    _PrivateNames(class_name).visit(tree)
    return tree


def private_name(class_name: str, name: str) -> str:
    """Write a name as Python does in the body of a class: ``__limit`` of ``Detect`` is ``_Detect__limit``."""
    stem = class_name.lstrip("_")
    is_private = stem and name.startswith("__") and not name.endswith("__")
    return f"_{stem}{name}" if is_private else name


class _PrivateNames(ast.NodeVisitor):
    """Writes the private names in a tree out, in place."""

    _FIELDS = ("id", "attr", "name", "arg", "rest")

    def __init__(self, class_name: str) -> None:
        self._class_name = class_name

    def generic_visit(self, node: ast.AST) -> None:
        """Change the names of one node, and go on to those in it."""
        if isinstance(node, ast.Global | ast.Nonlocal):
            node.names = [private_name(self._class_name, name) for name in node.names]
        for field in self._FIELDS:
            if isinstance(name := getattr(node, field, None), str):
                setattr(node, field, private_name(self._class_name, name))
        super().generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # ast's name
        """Leave inner classes to Python: names in them are theirs."""

    def visit_alias(self, node: ast.alias) -> None:
        """Leave imports alone: modules have no private names."""
