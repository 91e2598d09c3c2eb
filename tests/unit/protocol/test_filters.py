"""RFC 7644 section 3.4.2.2: what the reader makes of a filter, and what it refuses."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.dialects import Message, normalise
from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import And, Comparison, Filter, Not, Or, Present, ValuePath, parse_filter
from scim_server.protocol.profiles import RFC, TOLERANT, Profile
from scim_server.protocol.registry import COMMON_URN, build, standard_registry

USER = standard_registry().resource_type("User")
GROUP = standard_registry().resource_type("Group")
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ODD = build(
    schemas=[
        {"id": COMMON_URN, "name": "Common", "attributes": []},
        {
            "id": "urn:example:2.0:Odd",
            "name": "Odd",
            "attributes": [
                *({"name": name} for name in ("not", "and", "or", "eq", "pr", "nullable", "trueName", "falsePositive")),
                *({"name": name} for name in ("a", "b", "c", "order", "android", "x-y_z")),
                {"name": "age", "type": "integer"},
                {"name": "ratio", "type": "decimal"},
                {"name": "key", "type": "binary"},
                {"name": "secrets", "type": "complex", "multiValued": True, "returned": "never"}
                | {"subAttributes": [{"name": "value"}]},
            ],
        },
    ],
    messages=[],
    resource_types=[{"name": "Odd", "endpoint": "/Odd", "schema": "urn:example:2.0:Odd"}],
).resource_type("Odd")


def show(node: Filter) -> str:
    """A tree as text with every grouping written out."""
    match node:
        case Comparison(path, operator, value):
            return f"{path} {operator} {value!r}"
        case Present(path):
            return f"{path} pr"
        case ValuePath(path, inner):
            return f"{path}[{show(inner)}]"
        case Not(term):
            return f"not({show(term)})"
        case And(terms):
            return f"({' & '.join(map(show, terms))})"
        case Or(terms):
            return f"({' | '.join(map(show, terms))})"


def user(text: str, profile: Profile = RFC) -> str:
    """As a query is read: what is a habit of clients in this profile is put right first."""
    message, _ = normalise(Message("query", USER, {"filter": text}), profile)
    return show(parse_filter(message.body["filter"], USER))


def odd(text: str) -> str:
    return show(parse_filter(text, ODD))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a pr or b pr and c pr", "(a pr | (b pr & c pr))"),
        ("a pr and b pr or c pr", "((a pr & b pr) | c pr)"),
        ("(a pr or b pr) and c pr", "((a pr | b pr) & c pr)"),
        ("not (a pr) or b pr and c pr", "(not(a pr) | (b pr & c pr))"),
        ("not(a pr or b pr)", "not((a pr | b pr))"),
        ("not (not (a pr))", "a pr"),
        ("not (not (a pr and b pr)) and c pr", "(a pr & b pr & c pr)"),
        ("a pr or (b pr or c pr)", "(a pr | b pr | c pr)"),
        ("((a pr))", "a pr"),
        ("not ((a pr))", "not(a pr)"),
        ("A PR OR B Pr aNd C pR", "(a pr | (b pr & c pr))"),
    ],
)
def test_not_binds_before_and_before_or(text: str, tree: str) -> None:
    assert odd(text) == tree


@pytest.mark.parametrize("operator", ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title])
def test_every_operator_is_read_in_any_case(operator: str, spell: "type[str.lower]") -> None:
    assert odd(f'a {spell(operator)} "x"') == f"a {operator} 'x'"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("age eq 42", "age eq 42"),
        ("age eq -5", "age eq -5"),
        ("age eq 0", "age eq 0"),
        ("ratio eq 3.14", "ratio eq 3.14"),
        ("ratio ge 1e3", "ratio ge 1000.0"),
        ("ratio ge -1.5E-2", "ratio ge -0.015"),
        ("age ge -9223372036854775808", "age ge -9223372036854775808"),
        ('a eq "a\\"b"', "a eq 'a\"b'"),
        ('a eq "a\\\\b"', "a eq 'a\\\\b'"),
        ('a eq "\\u00e9"', "a eq 'é'"),
        ('a eq "\\ud83d\\ude00"', "a eq '😀'"),
        ('a eq "caf\\u0065\\u0301"', "a eq 'café'"),
        ('a eq "x/y\\/z"', "a eq 'x/y/z'"),
        ('a eq ""', "a eq ''"),
        ('a eq "or"', "a eq 'or'"),
        ('a eq "(not] \'and"', 'a eq "(not] \'and"'),
        ('a co "100%_"', "a co '100%_'"),
        ("a eq null", "not(a pr)"),
        ("a ne null", "a pr"),
        ('a\n eq\t"x"  \r\n', "a eq 'x'"),
        ('key eq "TUlJ"', "key eq 'TUlJ'"),
        ('key sw "TUl"', "key sw 'TUl'"),
    ],
)
def test_literals_are_json_values_of_the_attributes_type(text: str, tree: str) -> None:
    assert odd(text) == tree


@pytest.mark.parametrize(
    "name",
    ["not", "and", "or", "eq", "pr", "nullable", "trueName", "falsePositive", "order", "android", "x-y_z"],
)
def test_a_word_of_the_grammar_may_name_an_attribute(name: str) -> None:
    assert odd(f'{name} pr and not ({name} eq "x")') == f"({name} pr & not({name} eq 'x'))"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('userName eq "BJensen"', "userName eq 'bjensen'"),
        ('USERNAME eq "Ｂjensen"', "userName eq 'bjensen'"),
        ('externalId eq "Ab"', "externalId eq 'Ab'"),
        ('title eq "Straße"', "title eq 'strasse'"),
        ('name.familyName co "O\'Malley"', 'name.familyName co "o\'malley"'),
        ("name pr", "name pr"),
        ("name eq null", "not(name pr)"),
        ("emails pr", "emails pr"),
        ("emails eq null", "not(emails pr)"),
        ('emails co "Example.com"', "emails.value co 'example.com'"),
        ('groups eq "Ab"', "groups.value eq 'Ab'"),
        ('photos.value eq "https://A/B"', "photos.value eq 'https://A/B'"),
        ('members.$ref eq "X"', None),
        ("active eq true", "active eq True"),
        ("active ne false", "active ne False"),
        ('meta.lastModified gt "2011-05-13T04:42:34Z"', "meta.lastModified gt '2011-05-13T04:42:34.000000Z'"),
        ('meta.lastModified gt "2011-05-13T06:42:34.5+02:00"', "meta.lastModified gt '2011-05-13T04:42:34.500000Z'"),
        ('meta.lastModified gt "2011-05-13T04:42:34"', "meta.lastModified gt '2011-05-13T04:42:34.000000Z'"),
        (f'schemas eq "{ENTERPRISE}"', f"schemas eq '{ENTERPRISE}'"),
        (f'{CORE}:name.familyName eq "J"', "name.familyName eq 'j'"),
        (f'{CORE.upper()}:USERNAME eq "J"', "userName eq 'j'"),
        (f'{ENTERPRISE}:department eq "HR"', f"{ENTERPRISE}:department eq 'hr'"),
        (f'{ENTERPRISE}:manager.displayName eq "J"', f"{ENTERPRISE}:manager.displayName eq 'j'"),
        (f'{ENTERPRISE}:manager eq "Ab"', f"{ENTERPRISE}:manager.value eq 'Ab'"),
        ('emails[type eq "work"]', "emails[emails.type eq 'work']"),
        (
            'emails[Type EQ "WORK" and (value co "@x" or primary eq true)]',
            "emails[(emails.type eq 'work' & (emails.value co '@x' | emails.primary eq True))]",
        ),
        ("emails[not (type pr)]", "emails[not(emails.type pr)]"),
        (
            'emails[type eq "a" or type eq "b" and primary eq true]',
            "emails[(emails.type eq 'a' | (emails.type eq 'b' & emails.primary eq True))]",
        ),
        ('title pr and emails [ type eq "a" ]', "(title pr & emails[emails.type eq 'a'])"),
        (f'schemas[value eq "{CORE}"]', f"schemas[schemas eq '{CORE}']"),
        ('name[givenName eq "x"]', "name[name.givenName eq 'x']"),
    ],
)
def test_names_are_resolved_and_values_normalised(text: str, tree: str | None) -> None:
    if tree is None:
        assert show(parse_filter(text, GROUP)) == "members.$ref eq 'X'"
    else:
        assert user(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("active eq True", "active eq True"),
        ("active eq FALSE", "active eq False"),
        ('active eq "False"', "active eq False"),
        ('roles[primary eq "True"]', "roles[roles.primary eq True]"),
        ("title eq NULL", "not(title pr)"),
        ("userName eq Bjensen", "userName eq 'bjensen'"),
        ("(userName eq bjensen)", "userName eq 'bjensen'"),
        ("meta.resourceType eq User", "meta.resourceType eq 'User'"),
        ("meta.created gt 2011-05-13T04:42:34Z", "meta.created gt '2011-05-13T04:42:34.000000Z'"),
        ("employeeNumber eq 007", f"{ENTERPRISE}:employeeNumber eq '007'"),
        ("employeeNumber eq 7", f"{ENTERPRISE}:employeeNumber eq '7'"),
        ('emails[type eq "work"].value eq "X"', "emails[(emails.type eq 'work' & emails.value eq 'x')]"),
        ('emails[type eq "work"].value pr', "emails[(emails.type eq 'work' & emails.value pr)]"),
        (
            'emails[type eq "work" and primary eq true].value sw "X" and title pr',
            "(emails[(emails.type eq 'work' & emails.primary eq True & emails.value sw 'x')] & title pr)",
        ),
    ],
)
def test_what_clients_send_beyond_the_grammar_is_read_in_tolerant_and_refused_in_rfc(text: str, tree: str) -> None:
    assert user(text, TOLERANT) == tree
    with pytest.raises(InvalidFilter):
        user(text, RFC)


@pytest.mark.parametrize("profile", [RFC, TOLERANT], ids=lambda profile: profile.name)
@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "userName", "userName eq", 'eq "x"', 'userName "x"', 'userName = "x"', 'userName regex "x"'),
        *('userName eq "x', 'userName eq "x" and', 'and userName eq "x"', 'userName eq "x" title pr', "title pr pr"),
        *("(title pr", "title pr)", "()", "title pr and ()", "not title pr", "not", "title pr not (name pr)"),
        *("emails[", "emails[]", 'emails[type eq "x"', 'emails type eq "x"]', 'emails[type eq "x"]]', "[type pr]"),
        *("(emails[type pr)]", "emails[(type pr])", 'emails[type eq "work"] pr', 'emails[type pr] eq "x"'),
        *('emails[type eq "a"][type eq "b"]', 'emails[type pr and addresses[type eq "x"]]', "emails[type pr].bogus pr"),
        *("userName eq 'x'", 'title eq "\\x"', 'title eq "\\u12"', 'title eq "a\tb"', 'title eq "\\ud800"'),
        *('title eq "\\udc00\\ud800"', 'title eq "\ud800"', 'title eq "\\u0000"', 'title eq "\x00"'),
        *("bogus pr", 'name.bogus eq "x"', 'name..givenName eq "x"', 'emails.value.x eq "y"', "emails[bogus pr]"),
        *(
            'emails[emails.type eq "work"]',
            'userName[value eq "x"]',
            'name.givenName[value eq "x"]',
            "emails.type[value pr]",
        ),
        *("urn:example:none:x pr", f"{ENTERPRISE} pr", f'{ENTERPRISE} eq "x"', f"{CORE}:bogus pr", f"{CORE} pr"),
        *('name eq "x"', 'addresses eq "x"', 'meta gt "x"'),
        *("password pr", 'password eq "x"', 'password sw "a"', f'{CORE}:password eq "x"'),
        *("active gt true", "active co true", 'active sw "t"', "active eq 1", 'active eq "yes"', "active eq null and"),
        *('meta.created co "2011"', 'meta.created gt "yesterday"', 'meta.created gt "2011-05-13"', "meta.created eq 5"),
        *('meta.created gt "2011-13-13T00:00:00Z"', 'meta.created gt "0001-01-01T00:00:00+01:00"', "title gt null"),
        *('x509Certificates.value gt "a"', "title pr\x0band name pr", "ｔitle pr", "title\u00a0pr"),
    ],
)
def test_what_is_no_filter_is_refused_in_every_profile(text: str, profile: Profile) -> None:
    with pytest.raises(InvalidFilter):
        user(text, profile)


@pytest.mark.parametrize(
    "text",
    [
        *('age eq "5"', 'age co "5"', "age eq true", "age eq 01", "age eq 1.", "age eq .5", "age eq +5", "age eq 1e"),
        *("age eq 9223372036854775808", "ratio eq 1e999", f"age eq {'9' * 5000}", 'key gt "x"'),
        *("secrets pr", 'secrets.value eq "x"', 'secrets[value eq "x"]', "a eq 5", "a eq true"),
    ],
)
def test_types_and_hidden_attributes_are_checked(text: str) -> None:
    with pytest.raises(InvalidFilter):
        odd(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('userName regex "x"', "'regex' is not an operator; use one of eq, ne"),
        ('bogus eq "x"', "'bogus' is not an attribute of User"),
        ('name eq "x"', "for example 'name.formatted'"),
        ("userName eq 'x'", "double quotes"),
        ('meta.created gt "2011-05-13T04:42:34 02:00"', "%2B"),
        ('active eq "yes"', "true or false"),
        ("active gt true", "'gt' does not go with 'active', which is of type boolean"),
        ("title pr name pr", "'and' or 'or' is due, but 'name pr' stands there (character 10)"),
    ],
)
def test_a_refusal_says_what_was_wrong_and_what_to_do(text: str, hint: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        user(text)
    assert hint in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(['userName eq "x"'] * 10_000),
        " or ".join(["id pr"] * 1_500),
        "(" * 100_000,
        "(" * 15_000,
        "not (" * 3_000,
        "(" * 51 + "title pr" + ")" * 51,
        f'userName eq "{"a" * 100_000}"',
        "emails[" * 2_000,
        "a" * 15_999,
        "a:" * 7_999,
        '"' * 15_999,
        f"title eq {'9' * 15_000}",
        "a" + "." * 15_998,
    ],
    ids=lambda text: f"{text[:12]}x{len(text)}",
)
def test_a_bomb_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        user(text, TOLERANT)


def test_the_deepest_and_the_longest_filters_allowed_are_read_far_down_the_stack() -> None:
    deep = "title pr"
    for level in range(50):
        deep = f"(title pr {'and' if level % 2 else 'or'} {deep})"
    long = " or ".join(["title pr"] * 1_000)

    def below(frames: int) -> tuple[Filter, Filter]:
        return below(frames - 1) if frames else (parse_filter(deep, USER), parse_filter(long, USER))

    tree, chain = below(sys.getrecursionlimit() // 2)
    assert show(tree).count("title pr") == 51
    assert isinstance(chain, Or)
    assert len(chain.terms) == 1_000


@given(st.text(alphabet=st.sampled_from("aeq prnot()[]\".\\u0d8-19 {}'\n:")) | st.text())
def test_any_text_is_read_or_refused_as_invalid_filter(text: str) -> None:
    for profile in (RFC, TOLERANT):
        message, _ = normalise(Message("query", ODD, {"filter": text}), profile)
        try:
            parse_filter(message.body["filter"], ODD)
        except InvalidFilter:
            continue


def test_parsing_on_eight_threads_agrees_with_one() -> None:
    texts = [
        f'userName eq "u{number}" or emails[type eq "t{number}" and value co "v"] and not (title pr)'
        for number in range(400)
    ]
    alone = [user(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(user, texts * 3)) == alone * 3
