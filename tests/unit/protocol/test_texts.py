"""RFC 8259 sections 4, 8 and 9: what the JSON gate lets through, and how it names what it stops."""

import contextlib
import json
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.errors import InvalidSyntax
from scim_server.protocol.texts import DEEPEST, parse_json

REFUSED = {
    "empty": (b"", "no body"),
    "blank": (b" \n\t", "no body"),
    "broken": (b'{"userName": }', "line 1, column"),
    "cut off": (b'{"userName": "ana', "not JSON"),
    "single quotes": (b"{'userName': 'ana'}", "not JSON"),
    "trailing comma": (b'{"userName": "ana",}', "not JSON"),
    "trailing data": (b'{"userName": "ana"} {}', "not JSON"),
    "trailing word": (b"{}x", "not JSON"),
    "comment": (b'{} // "x"', "not JSON"),
    "twice": (b'{"userName": "ana", "userName": "bo"}', "'userName' twice"),
    "twice, escaped": (b'{"userName": "ana", "user\\u004eame": "bo"}', "'userName' twice"),
    "twice, nested": (b'{"name": {"a": 1, "a": 1}}', "'a' twice"),
    "NaN": (b'{"x": NaN}', "NaN"),
    "Infinity": (b'{"x": Infinity}', "Infinity"),
    "-Infinity": (b'{"x": -Infinity}', "-Infinity"),
    "huge decimal": (b'{"x": 1e999}', "too large"),
    "exponent beyond a decimal's": (b'{"x": 1e-9999999999999999999999}', "too large or too long"),
    "zero with such an exponent": (b'{"x": 0.0e9999999999999999999999}', "too large or too long"),
    "long decimal": (b'{"x": 0.' + b"1" * 200 + b"}", "too long"),
    "huge integer": (b'{"x": 9223372036854775808}', "64 bits"),
    "small integer": (b'{"x": -9223372036854775809}', "64 bits"),
    "integer of 5000 digits": (b'{"x": ' + b"9" * 5000 + b"}", "64 bits"),
    "high surrogate": (b'{"x": "\\ud83d"}', "surrogate"),
    "low surrogate": (b'{"x": "\\ude00 a"}', "surrogate"),
    "surrogate in a name": (b'{"\\ud83d": 1}', "surrogate"),
    "surrogate in UTF-8": (b'{"x": "\xed\xa0\xbd"}', "not UTF-8"),
    "NUL escape": (b'{"x": "a\\u0000"}', "NUL"),
    "NUL in a name": (b'{"a\\u0000": 1}', "NUL"),
    "NUL after a backslash": (b'{"x": "\\\\\\u0000"}', "NUL"),
    "raw NUL": (b'{"x": "\x00"}', "NUL"),
    "UTF-16": ('{"x": 1}'.encode("utf-16"), "NUL"),
    "latin-1": ('{"x": "é"}'.encode("latin-1"), "not UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not JSON"),
    "tab in a text": (b'{"x": "a\tb"}', "not JSON"),
    "bad escape": (b'{"x": "\\x41"}', "not JSON"),
    "deep lists": (b"[" * 100_000, f"{DEEPEST} levels"),
    "deep objects": (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), f"{DEEPEST} levels"),
}


@pytest.mark.parametrize(("body", "detail"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidSyntax) as refused:
        parse_json(body)
    assert detail in refused.value.detail
    refused.value.detail.encode("utf-8")


TAKEN = {
    "escapes": (b'{"x": "\\u00e9\\n\\/"}', {"x": "é\n/"}),
    "surrogate pair": (b'{"x": "\\ud83d\\ude00"}', {"x": "😀"}),
    "escaped backslash before u0000": (b'{"x": "\\\\u0000"}', {"x": "\\u0000"}),
    "brackets in texts": (b'{"x": "' + b"[" * 1000 + b'\\"{{"}', {"x": "[" * 1000 + '"{{'}),
    "as deep as allowed": (b"[" * DEEPEST + b"]" * DEEPEST, None),
    "largest integer": (b"9223372036854775807", 9223372036854775807),
    "scalar": (b"null", None),
    "same name in two objects": (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
    "names differing in case are for the schemas to judge": (b'{"a": 1, "A": 2}', {"a": 1, "A": 2}),
}


@pytest.mark.parametrize(("body", "value"), TAKEN.values(), ids=TAKEN.keys())
def test_takes(body: bytes, value: object) -> None:
    taken = parse_json(body)
    assert value is None or taken == value


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(values, st.booleans())
def test_gives_every_value_back(value: object, ascii_only: bool) -> None:
    """Whatever JSON can say of Unicode text and 64-bit numbers arrives as it was, escaped or not."""
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=60))
def test_never_fails_in_another_way(body: bytes) -> None:
    with contextlib.suppress(InvalidSyntax):
        parse_json(body)


@pytest.mark.parametrize("piece", [b"a", b'\\"', b"\\\\"], ids=["plain", "quotes", "backslashes"])
def test_a_large_text_costs_little(piece: bytes) -> None:
    """A text of 8 MB takes less than 2 seconds and less than 250 MB."""
    body = b'{"x": "' + piece * (8_000_000 // len(piece)) + b'"}'
    before, start = _peak(), time.process_time()
    parse_json(body)
    assert time.process_time() - start < 2
    assert _peak() - before < 250_000


def test_names_given_twice_cost_little_to_find() -> None:
    """The last of 30,000 names is found to be there twice in less than 2 seconds."""
    body = b"{" + b",".join(b'"k%d":1' % number for number in (*range(30_000), 29_999)) + b"}"
    start = time.process_time()
    with pytest.raises(InvalidSyntax, match="k29999"):
        parse_json(body)
    assert time.process_time() - start < 2


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
