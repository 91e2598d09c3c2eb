"""The verifier of exported audit trails: what is whole passes, whatever was done to it shows."""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scim_server.services import audit_chains
from scim_server.services.audit_chains import Broken, Verified, beginning, canonical, link, signed_text, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = b64encode(KEY.public_key().public_bytes_raw()).decode()
TENANT = "acme"
AT = "2026-11-26T12:00:00.000000Z"
Lines = list[dict[str, Any]]


def header(tenant: str = TENANT) -> dict[str, Any]:
    return {
        "kind": "header", "format": audit_chains.FORMAT, "tenant": tenant, "slug": "acme", "at": AT, "publicKey": PUBLIC
    }  # fmt: skip


def chain(*contents: dict[str, Any], every: int = 2, key: Ed25519PrivateKey = KEY, tenant: str = TENANT) -> Lines:
    """An export of those entries with a checkpoint after `every` of them and at the end."""
    lines, hash_ = [header(tenant)], beginning(tenant)
    for place, content in enumerate(contents, 1):
        hash_ = link(hash_, content)
        lines.append({"kind": "entry", "sequence": place, "hash": hash_, "entry": content})
        if place % every == 0 or place == len(contents):
            signature = b64encode(key.sign(signed_text(tenant, place, hash_, AT))).decode()
            lines.append({"kind": "checkpoint", "sequence": place, "hash": hash_, "at": AT, "signature": signature})
    return lines


def entries(*names: str) -> Lines:
    return [{"id": name, "after": {"displayName": f"{name} \u00e9\U0001f600", "n": [1, 2.5, None]}} for name in names]


def written(lines: Lines) -> list[bytes]:
    return [canonical(line) + b"\n" for line in lines]


@pytest.fixture
def whole() -> Lines:
    """Header, 1, 2, checkpoint, 3, 4, checkpoint, 5, checkpoint."""
    return chain(*entries("a", "b", "c", "d", "e"))


def test_a_whole_chain_passes(whole: Lines) -> None:
    assert verify(written(whole), PUBLIC) == Verified(TENANT, 5, 3, whole[-1]["hash"])
    assert verify(written([header()]), PUBLIC).entries == 0


def _rechained(lines: Lines) -> Lines:
    """Hashes worked out anew, as somebody without the key could do."""
    hash_ = beginning(TENANT)
    for line in lines[1:]:
        if line["kind"] == "entry":
            hash_ = link(hash_, line["entry"])
        line["hash"] = hash_
    return lines


def _changed(lines: Lines) -> Lines:
    lines[2]["entry"]["after"]["displayName"] = "somebody else"
    return lines


def _without(*places: int) -> Callable[[Lines], Lines]:
    return lambda lines: [line for place, line in enumerate(lines) if place not in places]


def _renumbered(lines: Lines) -> Lines:
    """Entry 1 taken out, the others moved up."""
    kept = _without(1)(lines)
    for line in kept[1:]:
        line["sequence"] -= 1
    return kept


def _inserted(lines: Lines) -> Lines:
    return [*lines[:2], {**lines[2], "entry": entries("x")[0]}, *lines[2:]]


def _swapped(lines: Lines) -> Lines:
    lines[1], lines[2] = lines[2], lines[1]
    return lines


def _exchanged(lines: Lines) -> Lines:
    lines[1]["entry"], lines[2]["entry"] = lines[2]["entry"], lines[1]["entry"]
    return lines


def _signed_by_another(_: Lines) -> Lines:
    return chain(*entries("a", "b", "c"), key=Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))


def _postdated(lines: Lines) -> Lines:
    lines[3]["at"] = "2026-11-26T13:00:00.000000Z"
    return lines


def _signature(value: Any) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[:-1], {**lines[-1], "signature": value}]


def _of_another_tenant(lines: Lines) -> Lines:
    return [header("rivals"), *lines[1:]]


FAULTS: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "entry changed": (_changed, "Entry 2 is not what was sealed"),
    "entry changed and hashes with it": (lambda lines: _rechained(_changed(lines)), "The signature of the checkpoint"),
    "entry removed": (_without(2), "Entry 2 is missing"),
    "first entry removed": (_without(1), "Entry 1 is missing"),
    "entry removed and the others moved up": (_renumbered, "Entry 1 is not what was sealed"),
    "entry removed and the chain made anew": (
        lambda lines: _rechained(_renumbered(lines)), "The signature of the checkpoint after entry 1"
    ),
    "entry inserted": (_inserted, "Entry 2 is not what was sealed"),
    "entry repeated": (lambda lines: [*lines[:3], lines[2], *lines[3:]], "Entry 3 is missing"),
    "lines in another order": (_swapped, "Entry 1 is missing"),
    "entries in another order": (_exchanged, "Entry 1 is not what was sealed"),
    "end cut off before its checkpoint": (_without(7), "Entry 5 is missing"),
    "end without a checkpoint": (_without(8), "No checkpoint signs what comes after entry 4"),
    "entries cut off in the middle": (_without(4, 5), "Entry 3 is missing"),
    "checkpoint early": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "Entry 2 is missing"),
    "checkpoint late": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "signs entry 2, but stands"),
    "checkpoint of nothing": (
        lambda lines: [*lines[:3], {**lines[3], "sequence": "2"}, *lines[4:]], "signs entry 2, but stands after entry 2"
    ),
    "checkpoint of another chain": (
        lambda lines: [*lines[:3], chain(*entries("x", "y"))[3], *lines[4:]], "signs other entries"
    ),
    "signature of another key": (_signed_by_another, "The signature of the checkpoint after entry 2"),
    "time of a checkpoint": (_postdated, "The signature of the checkpoint after entry 2"),
    "signature that is none": (_signature("AAAA"), "The signature of the checkpoint after entry 5"),
    "signature that is no text": (_signature(7), "The signature of the checkpoint after entry 5"),
    "signature that is no base64": (_signature("\u00e9"), "The signature of the checkpoint after entry 5"),
    "other tenant": (_of_another_tenant, "Entry 1 is not what was sealed"),
    "no header": (lambda lines: lines[1:], "no header"),
    "nothing": (lambda _: [], "not even a header"),
    "two headers": (lambda lines: [lines[0], *lines], "second header"),
    "member too many": (lambda lines: [*lines[:-1], {**lines[-1], "note": "x"}], "not written as an export is"),
    "member missing": (lambda lines: [lines[0], {"kind": "entry", "sequence": 1}], "not written as an export is"),
    "unknown line": (lambda lines: [lines[0], {"kind": "remark"}], "not written as an export is"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_was_done_to_it_shows(whole: Lines, name: str) -> None:
    plant, sentence = FAULTS[name]
    with pytest.raises(Broken, match=sentence):
        verify(written(plant(whole)), PUBLIC)


@pytest.mark.parametrize(
    "spell",
    [
        lambda line: line.replace(b":", b": ", 1),
        lambda line: line.replace(b'"id":"a"', b'"id":"z","id":"a"'),
        lambda line: b"",
        lambda line: line[:-4],
        lambda line: b"[]\n",
        lambda line: b"\xff\n",
        lambda line: b"[" * 100_000,
        lambda line: line.replace(b"2.5", b"1e999"),
        lambda line: line.replace(b"2.5", b"NaN"),
    ],
)
def test_a_line_has_one_spelling(whole: Lines, spell: Callable[[bytes], bytes]) -> None:
    """A member that is there twice would be read otherwise by others."""
    lines = written(whole)
    lines[1] = spell(lines[1])
    with pytest.raises(Broken, match="Line 2 "):
        verify(lines, PUBLIC)


@pytest.mark.parametrize("key", ["", "AAAA", "no key", PUBLIC[:-2]])
def test_a_public_key_that_is_none_is_said(whole: Lines, key: str) -> None:
    with pytest.raises(Broken, match="public key"):
        verify(written(whole), key)


def test_the_module_works_alone(tmp_path: Path, whole: Lines) -> None:
    """Copied away from this server, with nothing but the export and the key."""
    module, export = tmp_path / "verifier.py", tmp_path / "trail.jsonl"
    shutil.copyfile(audit_chains.__file__, module)

    def run(lines: Lines) -> subprocess.CompletedProcess[str]:
        export.write_bytes(b"".join(written(lines)))
        command = [sys.executable, "-I", str(module), str(export), PUBLIC]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    good = run(whole)
    assert (good.returncode, good.stdout) == (0, f"Whole: 5 entries, 3 checkpoints, up to {whole[-1]['hash']}.\n")
    bad = run(json.loads(json.dumps(_changed(whole))))
    assert (bad.returncode, bad.stdout, bad.stderr) == (1, "", "Entry 2 is not what was sealed there.\n")
    assert audit_chains.main([]) == 2
    assert audit_chains.main([str(tmp_path / "none"), PUBLIC]) == 1
