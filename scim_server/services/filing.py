"""Is everything filed where it is looked for: columns beside documents, members and issues of people who are there?"""

from collections.abc import Iterator

from scim_server.services.ports import UnitOfWork


def misfilings(uow: UnitOfWork) -> Iterator[str]:
    """Everything that is not filed as it must be, one sentence each."""
    yield from (f"columns that are not the document: {user.id}" for user in uow.users.misfiled())
    yield from (f"member who is not there: {group} {member}" for group, member in uow.members.gone())
    yield from (f"issue of somebody who is not there: {each.code} {each.user_id}" for each in uow.issues.of_gone())


def file_again(uow: UnitOfWork) -> None:
    """File everything as it must be; the users must be locked."""
    for user in uow.users.misfiled():
        uow.users.save(user)
    uow.members.drop_gone()
    uow.issues.close_these(uow.issues.of_gone())
