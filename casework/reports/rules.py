"""What papers rest on beside the data: behaviours of a kind of ring, articles, items on site.

They are data: ``behaviours.toml`` and ``sheet_items.toml`` beside this file. A workspace may
replace the items by its own file ``sheet_items.toml``.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from detectors.rings import KINDS
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say
from ingest.texts import Language, say
from ingest.workspace import Workspace

HERE = Path(__file__).parent
PlaceKind = Literal["pharmacy", "institution", "agency"]
Fill = Literal["stock", "days", "visits", "times"]
_NUMERALS = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to check on site; ``words`` in zh and en where the workspace wrote its own."""

    name: str
    behaviour: str
    places: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    fill: str | None = None
    words: tuple[str, str] | None = None

    def said(self, lang: Language) -> str:
        """Return what is to be checked."""
        return self.words[lang == "en"] if self.words else say(f"sheet_item.{self.name}", lang)


@cache
def behaviours() -> Mapping[str, Any]:
    """Return the whole of ``behaviours.toml``: kinds, articles, and whether a lawyer confirmed."""
    return tomllib.loads((HERE / "behaviours.toml").read_text("utf-8"))


def behaviours_of(kind: str) -> tuple[str, ...]:
    """Return the behaviours that a kind of ring may show."""
    return tuple(behaviours()["kinds"].get(kind, ()))


def articles_of(behaviour: str, lang: Language) -> str:
    """Return the articles that a behaviour may involve, as they are cited."""
    between = "、" if lang == "zh" else ", "
    return between.join(article(one, lang) for one in behaviours()["articles"][behaviour])


def article(code: str, lang: Language) -> str:
    """Return an article as it is cited.

    Examples
    --------
    >>> article("40.1", "zh"), article("41p2", "zh"), article("20", "en")
    ('第40条第（一）项', '第41条第二款', 'art. 20')
    """
    number, _, item = code.partition(".")
    number, _, paragraph = number.partition("p")
    values = {"number": number, "item": item, "paragraph": paragraph}
    if item:
        values["item"] = _NUMERALS[int(item)] if lang == "zh" else item
        return say("report.article.item", lang, **values)
    if paragraph:
        values["paragraph"] = _NUMERALS[int(paragraph)] if lang == "zh" else paragraph
        return say("report.article.paragraph", lang, **values)
    return say("report.article.whole", lang, **values)


def items(workspace: Workspace, kinds: Collection[str], place: str) -> tuple[Item, ...]:
    """Return what is checked at a kind of place for rings of these kinds, in the files' order.

    Raises
    ------
    RingfenceError
        If the workspace's file is none: it names the item.
    """
    held = _items(HERE / "sheet_items.toml", own=False)
    path = workspace.root / "sheet_items.toml"
    if path.exists():
        held = {**held, **_items(path, own=True)}
    return tuple(
        item
        for item in held.values()
        if place in item.places and (not item.kinds or set(item.kinds) & set(kinds))
    )


def _items(path: Path, *, own: bool) -> dict[str, Item]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["items"]
        found = {name: _item(name, dict(table), own=own) for name, table in tables.items()}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RingfenceError(to_say("refused.paper.sheet_items", path=path, error=error)) from error
    for item in found.values():
        strange = [
            *(set(item.places) - set(get_args(PlaceKind))),
            *(set(item.kinds) - set(KINDS)),
            *({item.fill} - {None, *get_args(Fill)}),
        ]
        if strange:
            raise RingfenceError(
                to_say(
                    "refused.paper.sheet_item",
                    path=path,
                    name=item.name,
                    strange=strange[0],
                    places=listed(get_args(PlaceKind)),
                    fills=listed(get_args(Fill)),
                )
            )
    return found


def _item(name: str, table: dict[str, Any], *, own: bool) -> Item:
    words = (str(table.pop("zh")), str(table.pop("en"))) if own else None
    places, kinds = tuple(table.pop("places")), tuple(table.pop("kinds", ()))
    return Item(name=name, words=words, places=places, kinds=kinds, **table)
