"""What libraries made for one application serves the next: nearly every test makes an application of its own.

An application compiles each of its addresses and, when it is first asked for, each page. Both follow from texts that
are the same in all of them.
"""

import gc
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

_compile_builder = Rule._compile_builder
_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """What builds the addresses of a rule: a function of the rule's parts, which is given the rule itself."""
    if rule.defaults:
        return _compile_builder(rule, append_unknown)
    parts = (rule.rule, tuple(rule._trace), append_unknown)
    if parts not in _builders:
        _builders[parts] = _compile_builder(rule, append_unknown)
    return _builders[parts]


class _Pages(BytecodeCache):
    """Compiled templates by name, source, and whether what is put into them is escaped."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        escapes = environment.autoescape(name) if callable(environment.autoescape) else environment.autoescape
        return super().get_bucket(environment, f"{name}|{escapes}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.load_bytecode(BytesIO(kept))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def remember_made() -> None:
    """Let all applications from now on share what is made of their addresses and pages."""
    Rule._compile_builder = _builder  # type: ignore[method-assign]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Pages()}


def keep_collected() -> None:
    """Let the garbage collector leave alone all there is by now, thousands of tests and every module, which it would go
    through whenever it collects."""
    gc.collect()
    gc.freeze()
