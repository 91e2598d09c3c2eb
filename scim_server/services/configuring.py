"""What rules decide for people beside seats: the language and the settings that the application reads.

Several rules may decide the same: the highest enabled one that decides it at all counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_matches import RuleMatches


@dataclass(frozen=True, slots=True)
class ApplicationSettings:
    """One person's language, and key-value pairs by product."""

    language: str | None = None
    products: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def application_settings(uow: UnitOfWork, user_ids: Collection[str]) -> dict[str, ApplicationSettings]:
    """The settings of each of those people by user id, read with a fixed number of statements."""
    return settings_by(uow, RuleMatches.of(uow, user_ids), user_ids)


def settings_by(uow: UnitOfWork, matches: RuleMatches, user_ids: Collection[str]) -> dict[str, ApplicationSettings]:
    """The same for people whose rules are known."""
    languages = languages_by(matches)
    chosen: dict[str, dict[str, str]] = {}
    for user_id, rule in sorted(matches.enabled(), key=lambda pair: pair[1].priority):
        for product, name in rule.templates.items():
            chosen.setdefault(user_id, {}).setdefault(product, name)
    values = {(each.product, each.name): each.values for each in uow.templates.all()} if chosen else {}
    return {
        user_id: ApplicationSettings(
            languages.get(user_id),
            {key[0]: values[key] for key in sorted(chosen.get(user_id, {}).items()) if key in values},
        )
        for user_id in user_ids
    }


def languages_by(matches: RuleMatches) -> dict[str, str]:
    """The languages that rules decide, by user id."""
    languages: dict[str, str] = {}
    for user_id, rule in sorted(matches.enabled(), key=lambda pair: pair[1].priority):
        if rule.language is not None:
            languages.setdefault(user_id, rule.language)
    return languages
