"""Texts of mails: what can be one, and how it is filled in."""

import re
from pathlib import Path

import pytest

from scim_server.domain.errors import Invalid
from scim_server.domain.languages import read_by, widening
from scim_server.domain.notices import PLACEHOLDERS, MailTemplate, mail_template, one_line, rendered
from scim_server.domain.settings import TenantSettings
from scim_server.services.notice_texts import LABELS, TEXTS

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}


def filled(subject: str, body: str, **values: str) -> tuple[str, str]:
    return rendered(mail_template("welcome", "en", subject, body), {**VALUES, **values})


def test_placeholders_are_filled_in_once() -> None:
    assert filled("{tenant}", "{first_name} {{tenant}}", first_name="{name} {{") == ("<tenant>", "{name} {{ {tenant}\n")


def test_a_subject_is_one_line_whatever_it_is_filled_with() -> None:
    assert filled("To {name}!", "x", name="Eve\r\nBcc: a@x.test") == ("To Eve Bcc: a@x.test!", "x\n")


def test_an_empty_part_leaves_no_gap() -> None:
    assert filled("x", "Hello\n\n{link}\n\nBye\n", link="")[1] == "Hello\n\nBye\n"


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        ("{surname}", "x", r"subject has the unknown placeholder '\{surname\}'\. Known ones: \{first_name\}, "),
        ("x", "{name.__class__}", r"body has the unknown placeholder '\{name.__class__\}'"),
        ("x", "{}", r"unknown placeholder '\{\}'"),
        ("x", "a { b", r"body has a single '\{'"),
        ("x}", "b", r"subject has a single '\}'"),
        ("", "x", "A subject is one line"),
        ("a\nb", "x", "A subject is one line"),
        ("x" * 201, "x", "A subject is one line"),
        ("x", " ", "A body is plain text"),
        ("x", "a\x1b[0m", "A body is plain text"),
        ("x", "x" * 20_001, "A body is plain text"),
    ],
)
def test_what_is_no_text_is_refused(subject: str, body: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        mail_template("welcome", "en", subject, body)


@pytest.mark.parametrize(
    ("name", "language"), [("none", "en"), ("default", "en"), ("A b", "en"), ("", "en"), ("x", "1")]
)
def test_what_is_no_name_or_language_is_refused(name: str, language: str) -> None:
    with pytest.raises(Invalid, match=r"cannot be the name|is no language"):
        mail_template(name, language, "x", "x")


def test_a_text_is_kept_as_it_will_be_found() -> None:
    assert mail_template("x", "pt_BR", " Hi ", "a\r\nb\n\n") == MailTemplate("x", "pt-br", "Hi", "a\nb\n")


def test_every_text_that_comes_with_the_server_could_be_written_by_a_tenant() -> None:
    assert {language for _, language in TEXTS} == LABELS.keys()
    for template in TEXTS.values():
        assert mail_template(template.name, template.language, template.subject, template.body) == template


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("fr", ["fr"]),
        ("fr_FR", ["fr-fr"]),
        ("sv, fr-CA;q=0.9, en;q=0.5", ["sv", "fr-ca", "en"]),
        ("en;q=0.1,de ; q=0.8", ["de", "en"]),
        ("*, 5, ¿qué?, de;q=x", []),
        (None, []),
        (7, []),
    ],
)
def test_languages_are_read_best_first(text: object, tags: list[str]) -> None:
    assert read_by(text) == tags


def test_the_page_lists_every_placeholder() -> None:
    page = Path(__file__).parents[3] / "docs" / "mails.md"
    rows = re.findall(r"^\| `\{(\w+)\}` \| (.*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == PLACEHOLDERS


def test_languages_widen() -> None:
    assert list(widening(["zh-hant-tw", "en"])) == ["zh-hant-tw", "zh-hant", "zh", "en"]


def test_other_peoples_text_is_one_visible_line() -> None:
    assert one_line(" Ana\r\n\tLima\u202e\x00 ") == "Ana Lima"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://app.example.com", True),
        ("http://localhost:3000/start?a=b#c", True),
        ("none", True),
        ("ftp://x", False),
        ("https://", False),
        ("https://a b", False),
        ("javascript:alert(1)", False),
        ("https://x/\nBcc: y", False),
        ("https://x/<script>", False),
        ("https://x/" + "a" * 500, False),
    ],
)
@pytest.mark.parametrize("setting", ["app_url", "password_url"])
def test_what_an_address_can_be(setting: str, url: str, good: bool) -> None:
    try:
        assert TenantSettings().set({setting: url}).text(setting) == url
        assert good
    except Invalid:
        assert not good
