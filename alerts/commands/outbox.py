"""``jobspider outbox``: what waits, what was given up, and what to do about it."""

from collections import Counter
from collections.abc import Callable

import click

from alerts.commands import delivery_status_line, open_context
from alerts.delivery.outbox import Outbox
from alerts.model.delivery import Delivery, DeliveryState
from alerts.service.context import ServiceContext
from alerts.service.publish import deliver_now, delivery_exit_code
from jobspider.commands import config_option, json_option, print_json
from jobspider.errors import UsageError
from jobspider.store.database import Database

_WAITING = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.AMBIGUOUS)
_OVER = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.CANCELLED)
"""There is nothing to try again, whether or not a newer one holds their news."""
_OPEN = (*_WAITING, DeliveryState.SENDING, DeliveryState.DEAD)


@click.group("outbox")
def group() -> None:
    """Look after the deliveries: what waits, what was given up, what to do about it."""


@group.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also what was sent, superseded or cancelled.")
@config_option
@json_option
def list_command(config_name: str | None, *, is_all: bool, as_json: bool) -> None:
    """List the deliveries that wait or were given up, the newest first.

    \b
    Examples:
      jobspider outbox list
      jobspider outbox list --all --json
    """
    with Database.open(open_context(config_name).config.database_path, read_only=True) as database:
        deliveries = Outbox(database).deliveries()
    shown = [each for each in deliveries if is_all or each.state in _OPEN]
    if as_json:
        print_json([_json_data(each) for each in shown])
        return
    for each in shown:
        click.echo(f"{each.delivery_id:>5}  {each.created_at:%Y-%m-%d %H:%M}  {delivery_status_line(each)}")
    if not shown:
        states = Counter(each.state for each in deliveries)
        others = ", ".join(f"{count} {state}" for state, count in states.items())
        click.echo(f"Nothing waits ({others})." if others else "Nothing waits, and nothing was ever sent.")


@group.command("show")
@click.argument("delivery_id", metavar="ID", type=int)
@click.option("--payload", "is_payload", is_flag=True, help="Write what is sent, as it is kept, and nothing else.")
@config_option
@json_option
def show_command(delivery_id: int, config_name: str | None, *, is_payload: bool, as_json: bool) -> None:
    """Show one delivery.

    \b
    Examples:
      jobspider outbox show 12
      jobspider outbox show 12 --payload
    """
    with Database.open(open_context(config_name).config.database_path, read_only=True) as database:
        delivery = _get_delivery(Outbox(database), delivery_id)
    if is_payload:
        click.echo(delivery.payload, nl=False)
    elif as_json:
        print_json(_json_data(delivery))
    else:
        for key, value in _json_data(delivery).items():
            click.echo(f"{key.replace('_', ' '):<12} {'' if value is None else value}".rstrip())


@group.command("retry")
@click.argument("delivery_ids", metavar="[ID]...", type=int, nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All that wait or were given up.")
@config_option
def retry_command(delivery_ids: tuple[int, ...], config_name: str | None, *, is_all: bool) -> None:
    """Try deliveries again now, those given up too, and say how it went; the exit code is that of jobspider digest.

    \b
    Examples:
      jobspider outbox retry 12
      jobspider outbox retry --all
    """
    if bool(delivery_ids) == is_all:
        raise UsageError("name the deliveries to try again, or say --all: jobspider outbox list shows them")
    context = open_context(config_name)

    def choose(outbox: Outbox) -> None:
        newest = {each.delivery_id for each in outbox.newest()}
        if is_all:
            chosen = [each for each in outbox.newest() if each.state in (*_WAITING, DeliveryState.DEAD)]
        else:
            chosen = [_get_delivery(outbox, each) for each in delivery_ids]
        for each in chosen:
            if each.state not in _OVER:
                _reject_superseded(each, newest)
            if not outbox.retry_now(each, context.clock()):
                raise UsageError(f"delivery {each.delivery_id} is {each.state}: there is nothing to try again")

    _deliver(context, choose)


@group.command("cancel")
@click.argument("delivery_ids", metavar="ID...", type=int, nargs=-1, required=True)
@config_option
def cancel_command(delivery_ids: tuple[int, ...], config_name: str | None) -> None:
    """Give deliveries up. Their news is not lost: the next digest to the same channel holds it.

    \b
    Example:
      jobspider outbox cancel 12
    """
    with Database.open(open_context(config_name).config.database_path, create=False) as database:
        outbox = Outbox(database)
        for delivery in [_get_delivery(outbox, each) for each in delivery_ids]:
            if not outbox.cancel(delivery):
                raise UsageError(f"delivery {delivery.delivery_id} is {delivery.state}: there is nothing to cancel")
            click.echo(delivery_status_line(_get_delivery(outbox, delivery.delivery_id)))


@click.command("deliver")
@config_option
def deliver_command(config_name: str | None) -> None:
    """Try every delivery that is due, without crawling; for cron, between two runs.

    \b
    Example:
      jobspider deliver
    """
    _deliver(open_context(config_name), lambda _: None)


def _deliver(context: ServiceContext, choose: Callable[[Outbox], None]) -> None:
    deliveries = deliver_now(context, choose)
    for each in deliveries:
        click.echo(delivery_status_line(each))
    if not deliveries:
        click.echo("Nothing is due.")
    raise SystemExit(delivery_exit_code(deliveries))


def _get_delivery(outbox: Outbox, delivery_id: int) -> Delivery:
    found = outbox.delivery(delivery_id)
    if found is None:
        raise UsageError(f"there is no delivery {delivery_id}: jobspider outbox list --all shows them")
    return found


def _reject_superseded(delivery: Delivery, newest: set[int]) -> None:
    if delivery.delivery_id not in newest:
        raise UsageError(
            f"delivery {delivery.delivery_id} is out of date: a newer one to {delivery.channel} holds its news"
        )


def _json_data(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.delivery_id,
        "digest": delivery.digest_name,
        "channel": delivery.channel,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at.isoformat(),
        "due_at": delivery.due_at.isoformat(),
        "deadline_at": delivery.deadline_at.isoformat(),
        "sent_at": delivery.sent_at and delivery.sent_at.isoformat(),
        "bytes": len(delivery.payload),
        "reason": delivery.reason,
    }
