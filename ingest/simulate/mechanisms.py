"""How the county works: settings of the generator other than its size and seed."""

from dataclasses import dataclass
from typing import Literal, get_args

from ingest.errors import RingfenceError
from ingest.telling import listed, to_say

Style = Literal["first", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanisms:
    """What rings, honest groups and ordinary life do; the defaults change nothing.

    What is learnt on a generator may be the generator's habits. ``style`` "second" is another
    generator with the same tables and truth: other prices, hours, habits, honest groups and other
    ways for each kind of ring. The rest bends the rings of either style, and these alone.

    ``attendance`` multiplies how often members come: below 1 leaves visits out, above 1 adds
    absent members to sessions. ``camouflage`` is how many visits of their own members add for each
    visit with the ring, half of them to the ring's places. ``jitter`` moves each session by up to
    so many days. ``splitting`` is the share of sessions cut in two, hours or a day apart.
    ``hijacked`` is the share of a card pool's members whose cards belong to honest families that
    go on as before. ``size`` multiplies how many people are recruited. ``brokers`` is how many
    people are in two card pools; the truth names them in both.

    Raises
    ------
    RingfenceError
        If a value is outside its bounds.
    """

    style: Style = "first"
    attendance: float = 1.0
    camouflage: float = 0.0
    jitter: float = 0.0
    splitting: float = 0.0
    hijacked: float = 0.0
    size: float = 1.0
    brokers: int = 0

    def __post_init__(self) -> None:
        if self.style not in get_args(Style):
            raise RingfenceError(to_say("refused.invented.style", choices=listed(get_args(Style))))
        bounds = {
            "attendance": (0.1, 3.0),
            "camouflage": (0.0, 10.0),
            "jitter": (0.0, 30.0),
            "splitting": (0.0, 1.0),
            "hijacked": (0.0, 1.0),
            "size": (0.25, 4.0),
            "brokers": (0, 100),
        }
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise RingfenceError(
                    to_say("refused.invented.value", name=name, value=value, least=least, most=most)
                )

    @property
    def bends(self) -> bool:
        """Whether anything beside style and size is asked for of a ring."""
        return (
            self.attendance != 1
            or self.camouflage > 0
            or self.jitter > 0
            or self.splitting > 0
            or self.hijacked > 0
        )
