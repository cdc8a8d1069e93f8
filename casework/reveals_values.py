"""The clear values behind the members of a ring, and their masks. Nothing here asks for a right.

The members of a ring are named by their keys of the import; the clean tables lead from a key to the
pseudonyms of its restricted values, and the file ``clear.parquet`` of the workspace's restricted
folder from a pseudonym to the value. Both are read for all subjects at once.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pyarrow as pa
from pyarrow import compute, parquet

from ingest.errors import RingfenceError
from ingest.pseudonyms import pseudonym, read_key
from ingest.telling import to_say
from ingest.workspace import Workspace

Fields = Literal["identity", "contact", "account"]
"""Groups of fields: name and certificate; telephone and address; card or bank account."""

FIELD_GROUPS: tuple[Fields, ...] = get_args(Fields)

Subject = tuple[str, str]
"""Entity type and key, as in the members of a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the restricted values of a kind of entity are: clean table, its key, the columns."""

    table: str
    key: str
    columns: Mapping[Fields, tuple[str, ...]]


_SOURCES: Mapping[str, _Source] = {
    "person": _Source(
        table="persons",
        key="psn_no",
        columns={"identity": ("psn_name", "certno"), "contact": ("mob", "live_addr")},
    ),
    "place": _Source(
        table="providers",
        key="fixmedins_code",
        columns={"identity": ("legal_rep",), "account": ("bankacct",)},
    ),
    "staff": _Source(
        table="staff",
        key="staff_id",
        columns={
            "identity": ("name",),
            "contact": ("mob", "live_addr"),
            "account": ("bankacct",),
        },
    ),
    "doctor": _Source(
        table="practitioners", key="prac_psn_code", columns={"identity": ("prac_psn_name",)}
    ),
    "account": _Source(table="manual_claims", key="bankacct", columns={"identity": ("acctname",)}),
}

# Entities whose key is itself the pseudonym of a restricted value.
_ITSELF: Mapping[str, tuple[Fields, str]] = {
    "account": ("account", "bankacct"),
    "card": ("account", "ssc_cardno"),
    "agent": ("identity", "agnter_certno"),
    "phone": ("contact", "mob"),
    "address": ("contact", "live_addr"),
}


def groups_of(entity_type: str) -> tuple[Fields, ...]:
    """Return the field groups that a kind of entity has."""
    source = _SOURCES.get(entity_type)
    own = set(source.columns) if source else set()
    if entity_type in _ITSELF:
        own.add(_ITSELF[entity_type][0])
    return tuple(group for group in FIELD_GROUPS if group in own)


def pseudonyms_of(
    workspace: Workspace, subjects: Iterable[Subject], fields: Iterable[Fields] = FIELD_GROUPS
) -> dict[Subject, dict[str, tuple[str, ...]]]:
    """Return the pseudonyms of each subject's restricted values, by column, in their order."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for kind, key in subjects:
        wanted[kind].add(key)
    groups = set(fields)
    held: dict[Subject, dict[str, tuple[str, ...]]] = {
        (kind, key): {} for kind, keys in wanted.items() for key in sorted(keys)
    }
    for kind, keys in wanted.items():
        if kind in _ITSELF and _ITSELF[kind][0] in groups:
            for key in keys:
                held[kind, key][_ITSELF[kind][1]] = (key,)
        source = _SOURCES.get(kind)
        columns = [
            column
            for group, named in (source.columns if source else {}).items()
            if group in groups
            for column in named
        ]
        if source is not None and columns:
            for key, found in _looked_up(workspace, source, keys, columns).items():
                held[kind, key] |= found
    return held


def clear_values(
    workspace: Workspace, hidden: Mapping[Subject, Mapping[str, tuple[str, ...]]]
) -> dict[Subject, dict[str, tuple[str, ...]]]:
    """Return the values behind pseudonyms, by subject and column; what is not on file is left out.

    Raises
    ------
    RingfenceError
        If the workspace has no clear values at all.
    """
    path = workspace.restricted / "clear.parquet"
    if not path.exists():
        raise RingfenceError(to_say("refused.reveal.no_values"))
    wanted = sorted({one for of in hidden.values() for many in of.values() for one in many})
    columns = ["pseudonym", "value"]
    table = parquet.read_table(path, columns=columns, filters=[("pseudonym", "in", wanted or [""])])
    known = dict(zip(table["pseudonym"].to_pylist(), table["value"].to_pylist(), strict=True))
    return {
        subject: {
            column: tuple(known[one] for one in many if one in known)
            for column, many in of.items()
            if any(one in known for one in many)
        }
        for subject, of in hidden.items()
    }


def name_pseudonym(workspace: Workspace, name: str) -> str:
    """Return the pseudonym that a name has in this deployment, tidied as the import does."""
    tidy = re.sub(r"[\x00-\x1f\x7f]", "", name).strip()
    return pseudonym(read_key(workspace), "name", tidy)


def mask(column: str, value: str) -> str:
    """Return what may be shown of a value inside an assigned case.

    Examples
    --------
    >>> mask("psn_name", "张三丰"), mask("certno", "110101199003071234")
    ('张*', '1101********1234')
    >>> mask("mob", "13912341234"), mask("bankacct", "6222021234567890")
    ('139****1234', '****7890')
    >>> mask("live_addr", "澄江县一镇第0村37457号"), mask("live_addr", "幸福路7号")
    ('澄江县一镇****', '****')
    """
    return _MASKS[column](value)


def _name(value: str) -> str:
    return f"{value[:1]}*"


def _certificate(value: str) -> str:
    return f"{value[:4]}********{value[-4:]}" if len(value) >= 12 else "********"


def _phone(value: str) -> str:
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else "****"


def _last_four(value: str) -> str:
    return f"****{value[-4:]}" if len(value) >= 8 else "****"


def _address(value: str) -> str:
    found = re.match(r".*?(?:街道|[乡镇])", value) or re.match(r".*?[县区市]", value)
    return f"{found.group()}****" if found else "****"


_MASKS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("psn_name", "legal_rep", "name", "prac_psn_name", "acctname"), _name),
    **dict.fromkeys(("certno", "agnter_certno"), _certificate),
    **dict.fromkeys(("bankacct", "ssc_cardno"), _last_four),
    "mob": _phone,
    "live_addr": _address,
}


def _looked_up(
    workspace: Workspace, source: _Source, keys: set[str], columns: list[str]
) -> dict[str, dict[str, tuple[str, ...]]]:
    path = workspace.table(source.table)
    if not path.exists():
        return {}
    there = [name for name in columns if name in parquet.read_schema(path).names]
    read = list(dict.fromkeys([source.key, *there]))
    table = parquet.read_table(path, columns=read, filters=[(source.key, "in", sorted(keys))])
    held: dict[str, dict[str, tuple[str, ...]]] = {}
    for column in there:
        pairs = table.select([source.key, column]).filter(compute.is_valid(table[column]))
        distinct = pa.TableGroupBy(pairs, [source.key, column]).aggregate([])
        keyed, values = (distinct[name].to_pylist() for name in (source.key, column))
        for key, value in sorted(zip(keyed, values, strict=True)):
            mine = held.setdefault(key, {})
            mine[column] = (*mine.get(column, ()), value)
    return held
