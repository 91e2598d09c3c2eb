"""What the connection doctor found out, as it is shown."""

from scim_server.api.fields import Facts, Many, Moment, Number, One, Text
from scim_server.api.shapes import Item


class FindingItem(Item):
    """Something that was found out."""

    code = Text(about="What kind of finding it is, always the same for the same kind.")
    verdict = Text(about="good, warning or bad.")
    facts = Facts(about="The numbers, moments and names in it.")
    says = Text()
    cure = Text(about="What to do; empty where nothing is to be done.")


class PlayedItem(Item):
    """A request as the client sends it, and how it was answered, in a transaction that was taken back."""

    does = Text(attribute="played.does", about="A word for what the client does with it.")
    method = Text(attribute="played.method")
    path = Text(attribute="played.path")
    status = Number(attribute="played.status", allow_none=True, about="null where it was not sent.")
    detail = Text(attribute="played.detail", allow_none=True)
    milliseconds = Number(attribute="played.milliseconds")
    why = One(
        FindingItem, allow_none=True, about="Why it is not what the client takes for an answer; null where it is."
    )


class RefusalsItem(Item):
    """Requests of one kind that the client sent and that were refused, as the last of them was."""

    method = Text()
    path = Text()
    status = Number()
    times = Number()
    at = Moment()
    detail = Text(allow_none=True)
    why = One(FindingItem)


class DiagnosisItem(Item):
    """A connection and what is wrong with it."""

    connection = Text(attribute="connection.name")
    at = Moment()
    verdict = Text(about="The worst of all findings.")
    findings = Many(FindingItem)
    steps = Many(PlayedItem, about="The client's own requests, which were played.")
    refusals = Many(RefusalsItem, about="Requests that it sent of late and that were refused.")
