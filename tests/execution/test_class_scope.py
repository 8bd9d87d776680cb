"""Source that is taken out of a class keeps its private names."""

from __future__ import annotations

import ast
from types import CodeType

from jupyter_mpexec.execution.workbench.class_scope import parse_in_class, private_name

SOURCE = """
def __helper(x, *, __y=1):
    return x + __y

def run(self, counts: Unknown):
    global __total
    __total = self.__limit = __helper(1, __y=2)
    self.__class__, self.__limit_
    class Inner:
        value = {"__limit": 1, "own": lambda self: self.__limit}
    match counts:
        case {"n": n, **__rest}:
            return n, __rest, Inner
"""


def test_private_names_are_those_that_python_makes() -> None:
    body = SOURCE.replace("\n", "\n    ")
    [cls] = [c for c in _codes(ast.parse(f"class _Detect:{body}")) if c.co_name == "_Detect"]
    theirs = [_names(code) for code in _inner(cls)]
    assert len(theirs) == 4
    ours = [
        _names(code)
        for code in _codes(parse_in_class(f"from __future__ import annotations\n{SOURCE}", "_Detect"))
    ]
    assert ours == theirs


def test_what_is_private() -> None:
    assert private_name("Detect", "__limit") == "_Detect__limit"
    assert private_name("__Detect", "__limit") == "_Detect__limit"
    for cls, name in (("Detect", "__init__"), ("Detect", "_limit"), ("__", "__limit")):
        assert private_name(cls, name) == name


def _codes(tree: ast.Module) -> list[CodeType]:
    return _inner(compile(tree, "<test>", "exec", dont_inherit=True))


def _inner(code: CodeType) -> list[CodeType]:
    found = [c for c in code.co_consts if isinstance(c, CodeType)]
    return [each for c in found for each in (c, *_inner(c))]


def _names(code: CodeType) -> tuple[tuple[str, ...], ...]:
    return code.co_names, code.co_varnames, code.co_freevars
