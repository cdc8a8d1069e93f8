"""``mapping.toml``: local column names and the platform's names they stand for."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import InputError
from ingest.rules import BLANKS
from ingest.tables import TABLES, Table
from ingest.telling import listed, to_say

FILE_NAME = "mapping.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Platform column by (table, local column); local names are compared as :func:`plain`."""

    source: str = FILE_NAME
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, table: str) -> dict[str, str]:
        """Return the local names of a table and what they stand for."""
        return self.columns.get(table, {})


def plain(header: str) -> str:
    """Return a column name as it is compared: no blanks or quotes around it, in lower case.

    Examples
    --------
    >>> plain(' "SETL_ID" ')
    'setl_id'
    """
    return header.strip(BLANKS + "\"'").lower()


def read_mapping(path: Path | None, extract: Path) -> Mapping:
    """Read the mapping at ``path``, else the one inside the extract folder, else an empty one.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML, or names an unknown table or column, or maps two
        local columns to one.
    """
    if path is None:
        inside = extract / FILE_NAME
        if not inside.is_file():
            return Mapping()
        path = inside
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise InputError(to_say("refused.mapping.none", path=path)) from None
    except OSError as error:
        raise InputError(
            to_say("refused.import.system", file=path, strerror=error.strerror)
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(to_say("refused.mapping.toml", file=path.name, error=error)) from None
    return Mapping(
        source=path.name,
        columns={name: _columns(path.name, name, entries) for name, entries in content.items()},
    )


def match(table: Table, headers: list[str], mapping: Mapping, file: str) -> dict[str, int]:
    """Return, by platform column, the position of the file's column that holds it.

    Raises
    ------
    InputError
        If two columns of the file stand for one, or a required one is missing.
    """
    renamed = mapping.of(table.name)
    declared = {column.name for column in table.columns}
    found: dict[str, int] = {}
    for position, header in enumerate(headers):
        target = renamed.get(plain(header), plain(header))
        if target not in declared:
            continue
        if target in found:
            raise InputError(
                to_say(
                    "refused.mapping.both",
                    file=file,
                    first=headers[found[target]].strip(),
                    second=header.strip(),
                    target=target,
                )
            )
        found[target] = position
    missing = [column.name for column in table.columns if column.required]
    missing = [column for column in missing if column not in found]
    if missing:
        met = listed(header.strip() for header in headers[:40])
        if table.name not in TABLES:  # a table of codes, which no mapping renames
            raise InputError(
                to_say("refused.codes.missing", file=file, missing=listed(missing), met=met)
            )
        raise InputError(
            to_say(
                "refused.mapping.missing",
                file=file,
                missing=listed(missing),
                table=table.name,
                met=met,
                mapping=FILE_NAME,
                first=missing[0],
            )
        )
    return found


def _columns(source: str, table: str, entries: object) -> dict[str, str]:
    if table not in TABLES:
        raise InputError(
            to_say("refused.mapping.table", source=source, table=table, tables=listed(TABLES))
        )
    if not isinstance(entries, dict):
        raise InputError(to_say("refused.mapping.lines", source=source, table=table))
    declared = [column.name for column in TABLES[table].columns]
    columns: dict[str, str] = {}
    for local, target in entries.items():
        if target not in declared:
            raise InputError(
                to_say(
                    "refused.mapping.target",
                    source=source,
                    table=table,
                    local=local,
                    target=target,
                    columns=listed(declared),
                )
            )
        if target in columns.values():
            raise InputError(
                to_say("refused.mapping.two", source=source, table=table, target=target)
            )
        columns[plain(local)] = target
    return columns
