"""`manage.py capacity`: the resources that a site of a given size needs."""

from dataclasses import fields
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.capacity import Limit, Load, Machines, Needs, ceil, count, limits, needs

HELP = {
    "people": "accounts",
    "active": "fraction of accounts that read within HOME_TTL_DAYS",
    "follows": "accounts that one account follows",
    "reach": "followers of the author of an average tweet, in multiples of the average",
    "pulled": "fraction of deliveries saved, because their authors are pulled",
    "posts": "tweets and reposts of an active account per day",
    "reads": "pages of home that an active account reads per day",
    "peak": "load of the busiest hour, in multiples of the average",
    "length": "ids in a timeline",
    "years": "how long tweets are kept",
    "redis_gib": "memory for timelines of one Redis master",
    "postgres_cores": "cores of one Postgres server",
}
WHOLE = ("people", "length", "postgres_cores")
MINIMUMS = dict.fromkeys((*WHOLE, "peak"), 1) | dict.fromkeys(
    ("pulled", "posts", "reads", "years"), 0
)
SMALLEST = 1e-6  # of the others, which are more than 0
MAXIMUMS = {"active": 1, "pulled": 1}
LARGEST = 1e12


class Command(BaseCommand):
    """Calculates the required resources from the capacity model. Needs no database."""

    help = "Calculates what a number of accounts needs, and for how many one of each is enough."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add an option for each parameter of the model."""
        defaults = {
            **{field.name: field.default for field in fields(Load)},
            **{field.name: field.default for field in fields(Machines)},
            "people": 1_000_000,
            "length": settings.HOME_MAX_LENGTH,
        }
        for name, text in HELP.items():
            kind = int if name in WHOLE else float
            default = defaults[name]
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                type=kind,
                default=default,
                metavar="N",
                help=f"{text} (default: {default})",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the required resources. Raises CommandError for a value out of range."""
        given = {name: options[name] for name in HELP}
        for name, value in given.items():
            _check(name, value)
        load = Load(**{field.name: given[field.name] for field in fields(Load)})
        machines = Machines(**{field.name: given[field.name] for field in fields(Machines)})
        for line in _lines(needs(load, machines), machines):
            self.stdout.write(line)
        self.stdout.write("\nOne of each is enough for so many people, and then:")
        for limit in limits(load, machines):
            self.stdout.write(_line(limit))


def _check(name: str, value: float) -> None:
    minimum, maximum = MINIMUMS.get(name, SMALLEST), MAXIMUMS.get(name, LARGEST)
    if not minimum <= value <= maximum:  # refuses NaN, too
        option = f"--{name.replace('_', '-')}"
        raise CommandError(f"{option} must be from {_plain(minimum)} to {_plain(maximum)}.")


def _plain(value: float) -> str:
    """The number without an exponent."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _lines(need: Needs, machines: Machines) -> list[str]:
    return [
        f"warm timelines        {need.warm:,}",
        f"posts                 {need.posts_per_second:,.1f} a second at the peak",
        f"deliveries            {need.deliveries_per_second:,.0f} a second at the peak",
        f"pages of home         {need.reads_per_second:,.0f} a second at the peak",
        f"Redis                 {need.redis_gib:,.1f} GiB, {need.redis_cores:,.1f} cores: "
        f"{count(need.redis_masters, 'master')} of {machines.redis_gib:g} GiB, and "
        f"{'its' if need.redis_masters == 1 else 'their'} replicas",
        f"fan-out workers       {_processes(need.fanout_cores)}",
        f"relays                {_processes(need.relay_cores)}",
        f"broker                {need.broker_cores:,.2f} cores",
        f"web                   {_processes(need.web_cores)}",
        f"Postgres              {need.postgres_cores:,.1f} cores: a primary and "
        f"{count(need.postgres_replicas, 'replica')} of {count(machines.postgres_cores, 'core')}",
        f"tweets                {need.tweets_per_month:,} a month, {need.tweets_gib:,.0f} GiB",
        f"follows               {need.follows_gib:,.1f} GiB",
    ]


def _processes(cores: float) -> str:
    return count(max(1, ceil(cores)), "process", "processes")


def _line(limit: Limit) -> str:
    people = float(f"{limit.people:.2g}")  # the model is no better than that
    return f"{limit.part:<32}{people:>16,.0f}  {limit.remedy}"
