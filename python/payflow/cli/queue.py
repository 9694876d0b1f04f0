"""`payflow queue`: makes the queue and its dead-letter queue, checks them, and tells what they hold."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from payflow.intake.queue_check import QueueDifference
    from payflow.intake.queues import QueueDepths, QueueUrls
    from payflow.settings import Settings

app = cyclopts.App(name="queue", help="Make the queue and its dead-letter queue, check them, look at them.")


@app.command
def create(*, as_json: AsJson = False) -> int:
    """Make the queue and its dead-letter queue, or bring those that exist to what they should be.

    Long poll, visibility timeout and receives are those of the PAYFLOW_QUEUE settings; messages are kept 4
    days, dead letters 14. Messages that wait are not touched. The queue of commands is made as well where
    PAYFLOW_COMMANDS_QUEUE_NAME names one. It is safe to run again.
    """
    urls, changed, commands_url = asyncio.run(_create(_settings()))
    if as_json:
        made = {
            "created": changed is None,
            "changed": _plain(changed or []),
            "commands_queue_url": commands_url,
        }
        print_json(_plain(urls) | made)
        return Exit.OK
    if changed is None:
        print_line("Created:")
    else:
        print_line("Changed:" if changed else "Already there, and as they should be:")
        for difference in changed:
            print_line(
                f"  {difference.queue}: {difference.attribute} "
                f"from {difference.found or 'unset'} to {difference.expected}"
            )
    print_line(f"  {urls.queue_url}")
    print_line(f"  {urls.dead_letter_queue_url}")
    if commands_url is not None:
        print_line(f"  {commands_url}")
    return Exit.OK


@app.command
def check(*, as_json: AsJson = False) -> int:
    """Compare the queue and its dead-letter queue with what they should be.

    Exit code 0 when all is the same, 1 with the list of differences otherwise.
    """
    urls, differences = asyncio.run(_check(_settings()))
    if as_json:
        same = not differences
        print_json({**_plain(urls), "same": same, "differences": _plain(differences)})
    elif differences:
        for difference in differences:
            print_line(str(difference))
        print_line("Next: `payflow queue create` brings them to what they should be")
    else:
        print_line(f"{urls.queue_url} and its dead-letter queue are as they should be")
    return Exit.DIFFERENCES if differences else Exit.OK


@app.command
def show(*, as_json: AsJson = False) -> None:
    """Show how many messages wait, are in flight or are delayed, in the queue and in its dead letters.

    Beside them, what is used of the budget in flight, when nothing is left of it by the trend that a worker
    sees, and how many messages wait in the database. The numbers are SQS's own, which are approximate.
    """
    from payflow.cli.queue_budget import budget_document, budget_lines, told_of  # noqa: PLC0415

    settings = _settings()
    urls, (depths, dead) = asyncio.run(_show(settings))
    told = asyncio.run(told_of(settings, urls.queue_url))
    if as_json:
        queue = {"url": urls.queue_url, **_plain(depths), **budget_document(settings, depths, told)}
        print_json({"queue": queue, "dead_letters": {"url": urls.dead_letter_queue_url, **_plain(dead)}})
        return
    for url, depth in ((urls.queue_url, depths), (urls.dead_letter_queue_url, dead)):
        print_line(url)
        print_line(f"  {depth.visible:,} waiting   {depth.in_flight:,} in flight   {depth.delayed:,} delayed")
        if depth is depths:
            for line in budget_lines(settings, depths, told):
                print_line(f"  {line}")


@app.command
def deferred(
    *,
    limit: Annotated[int, Parameter(help="Most messages.", validator=Number(gte=1, lte=1_000))] = 50,
    behind: Annotated[
        str | None, Parameter(help="Only messages behind this place: the `next_behind` of the page before.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List the messages that wait in the database to be tried again, the next due first.

    They have left the queue; a worker sends them back when their wait is over.
    """
    from payflow.cli.queue_budget import deferred_page  # noqa: PLC0415
    from payflow.cli.queue_view import deferred_document, place_of, print_deferred  # noqa: PLC0415

    try:
        place = place_of(behind)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return Exit.USAGE
    settings = _settings()
    urls = asyncio.run(_found(settings))
    waiting, page = asyncio.run(deferred_page(settings, urls.queue_url, limit, place))
    if as_json:
        print_json(deferred_document(waiting, page, limit))
    else:
        print_deferred(waiting, page, limit)
    return Exit.OK


async def _create(settings: Settings) -> tuple[QueueUrls, list[QueueDifference] | None, str | None]:
    """Make or change; give what was changed (None: it was not there before) and the queue of commands."""
    from payflow.errors import QueueMissing, SettingsInvalid  # noqa: PLC0415
    from payflow.intake.queue_check import QueueAttributes, queue_differences  # noqa: PLC0415
    from payflow.intake.queues import client, commands_dead_letter_name, ensure_queue  # noqa: PLC0415

    queue, commands = settings.queue, settings.commands.queue_name
    if queue.url is not None:
        raise SettingsInvalid(
            ["PAYFLOW_QUEUE_URL: must be unset to make a queue, which goes by PAYFLOW_QUEUE_NAME"]
        )
    expected = QueueAttributes.of(queue)
    async with client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        try:
            changed = await queue_differences(sqs, await _urls(sqs, settings), expected)
        except QueueMissing:
            changed = None
        urls = await ensure_queue(sqs, queue.name, queue.dead_letter_name, **msgspec.structs.asdict(expected))
        commands_url = None
        if commands is not None:
            made = await ensure_queue(sqs, commands, commands_dead_letter_name(commands))
            commands_url = made.queue_url
    return urls, changed, commands_url


async def _check(settings: Settings) -> tuple[QueueUrls, list[QueueDifference]]:
    from payflow.intake.queue_check import QueueAttributes, queue_differences  # noqa: PLC0415
    from payflow.intake.queues import client  # noqa: PLC0415

    queue = settings.queue
    async with client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        urls = await _urls(sqs, settings)
        return urls, await queue_differences(sqs, urls, QueueAttributes.of(queue))


async def _found(settings: Settings) -> QueueUrls:
    from payflow.intake.queues import client  # noqa: PLC0415

    async with client(endpoint_url=settings.queue.endpoint_url, region=settings.queue.region) as sqs:
        return await _urls(sqs, settings)


async def _show(settings: Settings) -> tuple[QueueUrls, tuple[QueueDepths, QueueDepths]]:
    from payflow.intake.queues import client, queue_depths  # noqa: PLC0415

    async with client(endpoint_url=settings.queue.endpoint_url, region=settings.queue.region) as sqs:
        urls = await _urls(sqs, settings)
        waiting = await queue_depths(sqs, urls.queue_url)
        return urls, (waiting, await queue_depths(sqs, urls.dead_letter_queue_url))


async def _urls(sqs: Any, settings: Settings) -> QueueUrls:
    from payflow.intake.queues import QueueUrls, queue_url  # noqa: PLC0415

    queue = settings.queue
    return QueueUrls(
        queue_url=queue.url or await queue_url(sqs, queue.name),
        dead_letter_queue_url=await queue_url(sqs, queue.dead_letter_name),
    )


def _settings() -> Settings:
    from payflow.cli.aws import allow_local_queue  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    settings = load()
    allow_local_queue(settings)
    return settings


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
