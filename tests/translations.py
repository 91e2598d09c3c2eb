"""Brings the catalogues of the console up to date with its texts, and tells what is not translated yet.

`python -m tests.translations` writes `scim_server/console/translations/*.po`: new texts are added without a
translation, those that nobody uses any more go. The rest is for whoever speaks the language.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import scim_server.console
from scim_server.app import chores
from scim_server.console.details import CONTEXT, PLACE
from scim_server.console.languages import ENGLISH, LANGUAGES
from scim_server.domain import errors
from scim_server.domain.settings import SETTINGS
from scim_server.protocol.profiles import SWITCHES
from scim_server.services import findings

CONSOLE = Path(scim_server.console.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"silent": "false", "trimmed": "true"}}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_SENTENCE = re.compile(r"\S.*[a-z]{2}")
SAYING = ("domain/transfers.py", "services/taking_over.py", "services/transferring.py")
"""Where use cases say in sentences what follows from what is to be done."""
CONDITIONS = (
    *("protocol/filters.py", "protocol/grammar.py", "protocol/paths.py", "protocol/literals.py"),
    "store/conditions.py",
)
REFUSED = {"InvalidFilter", "UnknownAttribute", "SyntaxFault", "ValueError"}
"""Where conditions of rules are refused, and by what."""
HEADER = """# {name}
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
PLURALS = {"fr": "nplurals=2; plural=(n > 1);"}
TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]


def catalogue_path(language: str) -> Path:
    """Where the texts in a language are."""
    return CONSOLE / "translations" / f"{language}.po"


def extracted() -> Catalog:
    """The texts of the code and the templates."""
    found = Catalog(project="scim-server", copyright_holder="the scim-server authors", fuzzy=False)
    for name, line, message, _, context in extract_from_dir(CONSOLE, METHODS, OPTIONS, keywords=KEYWORDS):
        del line
        found.add(message, None, [(name, None)], context=context)
    for detail in details():
        found.add(detail, None, context=CONTEXT)
    for kind in findings.KINDS.values():
        for sentence in filter(None, (kind.says, kind.cure)):
            found.add(sentence)
    for decided in (*SETTINGS.values(), *SWITCHES.values()):
        found.add(decided.decides)
    for sentence in (*(setting.wants for setting in SETTINGS.values()), *chores_do()):
        found.add(sentence)
    return found


def chores_do() -> Iterator[str]:
    """What each chore does."""
    calls = (node for node in ast.walk(ast.parse(Path(chores.__file__).read_text())) if isinstance(node, ast.Call))
    made = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Chore")
    yield from filter(None, (_sentence(call.args[2]) for call in made))


def details() -> Iterator[str]:
    """The sentences by which use cases refuse or remark on something, each with `{}` where something is filled in."""
    for package in ("domain", "services"):
        for path in sorted((CONSOLE.parent / package).rglob("*.py")):
            tree = ast.parse(path.read_text())
            calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
            yield from filter(None, (_sentence(call.args[0]) for call in calls if _refuses(call)))
            if f"{package}/{path.name}" in SAYING:
                yield from (text for text in map(_sentence, _said(tree)) if text and _SENTENCE.match(text))
    for name in CONDITIONS:
        calls = (
            node for node in ast.walk(ast.parse((CONSOLE.parent / name).read_text())) if isinstance(node, ast.Call)
        )
        refusals = (call for call in calls if call.args and isinstance(call.func, ast.Name) and call.func.id in REFUSED)
        yield from filter(None, (_sentence(call.args[0]) for call in refusals))


def _said(node: ast.AST) -> Iterator[ast.expr]:
    """The literals in the code that are no docstrings, no parts of others, and not said by what is raised."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if isinstance(child, ast.Constant | ast.JoinedStr):
            yield child
        elif not is_docstring and not isinstance(child, ast.Raise):
            yield from _said(child)


def _refuses(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    kind = getattr(errors, name, None)
    is_refusal = isinstance(kind, type) and issubclass(kind, errors.Refusal)
    return bool(call.args) and (is_refusal or name in {"__init__", "Conflict", "Remark"})


def _sentence(node: ast.expr) -> str | None:
    """The text of a literal; None for what is no sentence, or is put together elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else PLACE for each in node.values)
    return None


def written(language: str) -> Catalog:
    """The texts in a language, as they are kept."""
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def missing(language: str) -> Iterator[str]:
    """The texts that are not in the catalogue, or have no translation in it, and those that nobody uses."""
    known, wanted = written(language), extracted()
    for message in wanted:
        there = known.get(message.id, message.context) if message.id else message
        if there is None or there.fuzzy or not _is_whole(there.string, message.pluralizable):
            yield f"not translated: {message.id!r}"
    for message in known:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"used nowhere: {message.id!r}"


def _is_whole(string: object, plural: bool) -> bool:
    return all(string) if plural and isinstance(string, list | tuple) else bool(string)


def update(language: str) -> None:
    """Write the catalogue anew with the texts as they are now."""
    wanted = extracted()
    known = written(language) if catalogue_path(language).exists() else Catalog(locale=language)
    fresh = Catalog(locale=language)
    fresh.mime_headers = [("Plural-Forms", PLURALS[language])]
    for message in sorted((each for each in wanted if each.id), key=lambda each: (str(each.id), each.context or "")):
        there = known.get(message.id, message.context)
        string = there.string if there is not None and not there.fuzzy else None
        fresh.add(message.id, string, message.locations, context=message.context, flags=message.flags - {"fuzzy"})
    with catalogue_path(language).open("wb") as file:
        file.write(HEADER.format(name=LANGUAGES[language], language=language, plurals=PLURALS[language]).encode())
        write_po(file, fresh, width=120, no_location=True, omit_header=True)


if __name__ == "__main__":
    for each in TRANSLATED:
        update(each)
        left = list(missing(each))
        print(f"{each}: {len(left)} left")
        print("\n".join(left))
