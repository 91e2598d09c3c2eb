"""Changes of rules, each tried out first: the form of one, the switch, the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import answered, go, render
from scim_server.console.calls import Call
from scim_server.console.details import translated
from scim_server.console.preferences import language
from scim_server.console.rule_forms import CONDITION, RuleForm
from scim_server.console.sections import Section
from scim_server.console.trials import LOOK, NOW, tried, tried_or_asked
from scim_server.console.views.rules import RULE, RULES, looked_after
from scim_server.console.words import called
from scim_server.domain.access import Role
from scim_server.domain.errors import Invalid
from scim_server.domain.notices import QUIET
from scim_server.domain.products import Product
from scim_server.domain.rules import Rule, Template
from scim_server.services import authorising, rule_changes, ruling, templating, tenancy, wording

rule_edits = Section("rules")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a rule can give."""

    products: Sequence[Product]
    templates: Sequence[Template]
    roles: Sequence[Role]
    mails: Sequence[str]

    @classmethod
    def of(cls, call: Call) -> "Choices":
        mails = {each.template.name for each in wording.wordings(call.units, call.tenant)} - {QUIET}
        return cls(
            tenancy.products(call.units),
            templating.templates(call.units, call.tenant),
            [post.role for post in authorising.roles(call.units, call.tenant)],
            sorted(mails),
        )


@rule_edits.get(f"{RULES}/new", "rules.write")
def create_rule(call: Call) -> str | Response:
    """The form of a new rule, and what it would do."""
    form = RuleForm.typed(call.query) if LOOK in call.query else RuleForm(group=call.query.get("group", ""))
    return _tried_or_asked(call, form, partial(rule_changes.add, parts=form.parts()), rule=None)


@rule_edits.post(f"{RULES}/new", "rules.write")
def make_rule(call: Call) -> Response:
    """Make it."""
    rule = ruling.create_rule(call.units, call.tenant, call.cause, RuleForm.typed(call.query).parts())
    return go(call.url("show_rule", rule=rule.id), gettext("The rule is made and counts from now on."), undo=call)


@rule_edits.get(f"{RULE}/edit", "rules.write")
def edit_rule(call: Call) -> str | Response:
    """The form of a rule, and what it would do with its new parts."""
    rule, before = _rule_and_form(call)
    form = RuleForm.typed(call.query) if LOOK in call.query else before
    attempt = partial(rule_changes.change, rule_id=rule.id, parts=form.parts(before))
    return _tried_or_asked(call, form, attempt, rule=rule)


@rule_edits.post(f"{RULE}/edit", "rules.write")
def change_rule(call: Call) -> Response:
    """Change it."""
    rule, before = _rule_and_form(call)
    parts = RuleForm.typed(call.query).parts(before)
    ruling.edit_rule(call.units, call.tenant, call.cause, rule.id, parts)
    return go(call.url("show_rule", rule=rule.id), gettext("The rule is changed."), undo=call)


@rule_edits.get(f"{RULE}/switch", "rules.write")
def switch_rule(call: Call) -> str | Response:
    """What it would do to switch a rule off, or on again."""
    rule = ruling.rule(call.units, call.tenant, call.path["rule"])
    attempt = partial(rule_changes.change, rule_id=rule.id, parts={"enabled": not rule.enabled})
    return tried(call, attempt, "rules/switch.html", rule=rule, back=call.url("show_rule", rule=rule.id))


@rule_edits.post(f"{RULE}/switch", "rules.write")
def turn_rule(call: Call) -> Response:
    """Switch it as the button said."""
    on = call.form.get("on") == "yes"
    rule = ruling.edit_rule(call.units, call.tenant, call.cause, call.path["rule"], {"enabled": on})
    said = gettext("The rule is on.") if on else gettext("The rule is off and gives nothing.")
    return go(call.url("show_rule", rule=rule.id), said, undo=call)


@rule_edits.get(f"{RULE}/delete", "rules.write")
def delete_rule(call: Call) -> str | Response:
    """What would go with the rule."""
    rule = ruling.rule(call.units, call.tenant, call.path["rule"])
    attempt = partial(rule_changes.remove, rule_id=rule.id)
    return tried(call, attempt, "rules/delete.html", rule=rule, back=call.url("show_rule", rule=rule.id))


@rule_edits.post(f"{RULE}/delete", "rules.write")
def drop_rule(call: Call) -> Response:
    """Delete it."""
    ruling.delete_rule(call.units, call.tenant, call.cause, call.path["rule"])
    return go(call.url("list_rules"), gettext("The rule is deleted."), undo=call)


def _rule_and_form(call: Call) -> tuple[Rule, RuleForm]:
    rule = ruling.rule(call.units, call.tenant, call.path["rule"])
    return rule, RuleForm.of(rule, looked_after(call, rule))


def _tried_or_asked(call: Call, form: RuleForm, attempt: partial[Rule], *, rule: Rule | None) -> str | Response:
    content = {"form": form, "choices": Choices.of(call), "rule": rule, "called": called}
    wrong = _wrong_condition(call, form)
    if wrong is not None:
        return answered(render("rules/form.html", wrong=wrong, **content), 400)
    return tried_or_asked(call, lambda: attempt, "rules/form.html", "rules/look.html", **content)


def _wrong_condition(call: Call, form: RuleForm) -> str | None:
    """Why the condition that is typed is none: that is told beside it."""
    if call.query.get(LOOK) == NOW and form.audience == CONDITION:
        try:
            ruling.check_condition(call.units, call.tenant, form.condition)
        except Invalid as error:
            return translated(error.detail, language())
    return None
