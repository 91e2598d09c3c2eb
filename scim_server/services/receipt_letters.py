"""The mail that tells admins of leavers whom the application has not confirmed, in every language the server speaks."""

from collections.abc import Iterable, Mapping, Sequence

from scim_server.domain.instants import Instant
from scim_server.domain.notices import LONGEST_HEADER, one_line
from scim_server.domain.tenants import Tenant
from scim_server.services.notice_letters import spoken

MOST_NAMES = 20
"""Named in one mail; the report has all."""

TEXTS: Mapping[str, tuple[str, str, str]] = {
    "en": (
        "{tenant}: URGENT, access of {count} leaver(s) not confirmed as ended",
        """\
The application has not confirmed that the access of these people has ended:

{names}

They were suspended or deleted, the first of them at {since}, and are long overdue. They may still be signed in, have
keys that work, or see data.

Please see to it now: end in the application whatever they still have. The report leaver-receipts says what is missing.
""",
        "and {more} more",
    ),
    "fr": (
        "{tenant} : URGENT, fin d'accès non confirmée pour {count} personne(s)",
        """\
L'application n'a pas confirmé la fin de l'accès de ces personnes :

{names}

Elles ont été suspendues ou supprimées, la première le {since}, et le délai est largement dépassé. Elles peuvent être
encore connectées, avoir des clés qui fonctionnent ou voir des données.

Intervenez maintenant : mettez fin dans l'application à tout ce qu'elles ont encore. Le rapport leaver-receipts indique
ce qui manque.
""",
        "et {more} autres",
    ),
    "de": (
        "{tenant}: DRINGEND, Ende des Zugangs von {count} Person(en) nicht bestätigt",
        """\
Die Anwendung hat nicht bestätigt, dass der Zugang dieser Personen beendet ist:

{names}

Sie wurden gesperrt oder gelöscht, die erste am {since}, und die Frist ist lange vorbei. Sie sind vielleicht noch
angemeldet, haben gültige Schlüssel oder sehen Daten.

Bitte handeln Sie jetzt: Beenden Sie in der Anwendung, was sie noch haben. Der Bericht leaver-receipts sagt, was fehlt.
""",
        "und {more} weitere",
    ),
    "es": (
        "{tenant}: URGENTE, fin del acceso de {count} persona(s) sin confirmar",
        """\
La aplicación no ha confirmado que el acceso de estas personas haya terminado:

{names}

Fueron suspendidas o eliminadas, la primera el {since}, y el plazo venció hace tiempo. Puede que sigan conectadas,
tengan claves que funcionan o vean datos.

Actúe ahora: ponga fin en la aplicación a lo que aún tengan. El informe leaver-receipts dice lo que falta.
""",
        "y {more} más",
    ),
    "pt": (
        "{tenant}: URGENTE, fim do acesso de {count} pessoa(s) não confirmado",
        """\
O aplicativo não confirmou o fim do acesso destas pessoas:

{names}

Elas foram suspensas ou excluídas, a primeira em {since}, e o prazo venceu há muito. Talvez ainda estejam conectadas,
tenham chaves que funcionam ou vejam dados.

Aja agora: encerre no aplicativo o que elas ainda têm. O relatório leaver-receipts diz o que falta.
""",
        "e mais {more}",
    ),
}
"""Subject, body, and what stands for those who are not named."""


def letter(
    tenant: Tenant, languages: Iterable[str], names: Sequence[str], since: Instant, count: int
) -> tuple[str, str]:
    """Subject and body about so many leavers, the first since that moment, in the first language there is."""
    subject, body, others = TEXTS[spoken(languages, TEXTS)]
    lines = [f"- {one_line(name)}" for name in sorted(names)[:MOST_NAMES]]
    if count > len(lines):
        lines.append(f"- {others.format(more=count - len(lines))}")
    moment = f"{since[:10]} {since[11:16]} UTC"
    filled = subject.format(tenant=one_line(tenant.name), count=count)
    return filled[:LONGEST_HEADER], body.format(names="\n".join(lines), since=moment)
