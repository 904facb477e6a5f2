"""The rules of the house, and how one is turned off, or watched.

A rule is a module-level function named `check_*` that raises or returns None. To turn it off is to replace its code in
place, so that every table and every module that already holds the function holds a no-op.
"""

import ast
import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


class NotARule(ValueError):
    """A function is named like a rule and is none."""


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One rule: the dotted name of its module, and its own."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """From `module:function`."""
        module, colon, name = text.partition(":")
        if not (module and colon and name):
            raise NotARule(f"{text}: expected module:function")
        return cls(module, name)

    def function(self) -> FunctionType:
        """The function itself; imports its module. Raises NotARule when it is decorated: its code is not its own then."""
        found = getattr(importlib.import_module(self.module), self.name, None)
        if not isinstance(found, FunctionType) or found.__name__ != self.name or found.__closure__:
            raise NotARule(f"{self}: a rule is a plain module-level function")
        return found


def find(packages: Iterable[Path]) -> list[Rule]:
    """Every rule under these folders, in order. Raises NotARule for one that could return something."""
    return sorted(rule for package in packages for file in package.rglob("*.py") for rule in _in_file(package, file))


def _in_file(package: Path, file: Path) -> Iterator[Rule]:
    module = ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("check_"):
            rule = Rule(module, node.name)
            if not (isinstance(node, ast.FunctionDef) and _returns_none(node)):
                raise NotARule(f"{rule}: a rule raises or returns None (annotate it `-> None`)")
            yield rule


def _returns_none(function: ast.FunctionDef) -> bool:
    return isinstance(function.returns, ast.Constant) and function.returns.value is None


def turn_off(rule: Rule) -> None:
    """From now on the rule accepts everything, in this process."""
    rule.function().__code__ = _accept.__code__


def _accept(*_args: object, **_kwargs: object) -> None:
    """What a rule that is off does."""


# -- watching ---------------------------------------------------------------------------------------------------------

_watched: dict[str, tuple[Callable[..., Any], Callable[[Rule], None]]] = {}


def watch(rules: Iterable[Rule], seen: Callable[[Rule], None]) -> Callable[[], None]:
    """Call `seen` whenever a rule is called, until the returned function is called."""
    before: list[tuple[FunctionType, CodeType]] = []
    for rule in rules:
        function = rule.function()
        before.append((function, function.__code__))
        _watched[str(rule)] = (_copy(function), seen)
        function.__code__ = _reporting(rule)

    def restore() -> None:
        for function, code in before:
            function.__code__ = code

    return restore


def called(rule: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a watched rule's code calls in its place."""
    original, seen = _watched[rule]
    seen(Rule.parse(rule))
    return original(*args, **kwargs)


def _copy(function: FunctionType) -> FunctionType:
    copy = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _reporting(rule: Rule) -> CodeType:
    """Code without a free variable: it finds its way back here by import, whatever the globals of the rule's module."""
    source = f"""
def watched(*args, **kwargs):
    import sys
    return sys.modules[{__name__!r}].called({str(rule)!r}, args, kwargs)
"""
    scope: dict[str, Any] = {}
    exec(compile(source, f"<watched {rule}>", "exec"), scope)
    code: CodeType = scope["watched"].__code__
    return code
