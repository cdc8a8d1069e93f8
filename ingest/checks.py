"""How text becomes a value: one SQL expression for each type, none of which can fail.

A value that cannot be read becomes null; what that means (reject or flag) is decided in
:mod:`ingest.reading`.
"""

from ingest.rules import (
    BLANKS,
    LETTER_AND_ZEROS,
    ONE_DIGIT,
    PLACEHOLDERS,
    RULES,
    TIME_ZONE_HOURS,
    TWO_DIGITS,
    ZERO_IS_MISSING,
    RejectReason,
)
from ingest.sql import literal, literals
from ingest.tables import Column, Restricted, Type

SQL_TYPES: dict[Type, str] = {
    "str": "VARCHAR",
    "int": "BIGINT",
    "money": "DECIMAL(18,2)",
    "number": "DOUBLE",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "flag": "TINYINT",
}

UNREADABLE: dict[Type, RejectReason] = {
    "str": "placeholder",
    "int": "not_a_number",
    "money": "not_money",
    "number": "not_a_number",
    "timestamp": "not_a_timestamp",
    "date": "not_a_date",
    "flag": "not_a_flag",
}

TIME_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d %H:%M",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M",
    "%Y%m%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
)
"""Tried in turn where the ISO form does not fit."""


def as_text(column: Column, raw: str, sql_type: str) -> str:
    """Return the expression of a raw column as text without blanks around it; empty is null.

    A column that a Parquet file already holds in a fitting type stays as it is: text is only
    needed where something is wrong with it.
    """
    if sql_type == "VARCHAR":
        odd = (
            f"ascii({raw}) <= 39 OR ends_with({raw}, ' ') OR ends_with({raw}, '\t') "
            f"OR ends_with({raw}, '\r') OR length({raw}) <> strlen({raw})"
        )
        return f"CASE WHEN {odd} THEN nullif(trim({raw}, {_BLANKS}), '') ELSE {raw} END"
    if sql_type in ("DOUBLE", "FLOAT"):
        if column.type != "str":
            return f"CASE WHEN NOT isnan({raw}) THEN {raw} END"
        whole = f"{raw} = trunc({raw}) AND abs({raw}) < 1e15"
        return (
            f"CASE WHEN isnan({raw}) THEN NULL WHEN {whole} THEN CAST({raw} AS BIGINT)::VARCHAR "
            f"ELSE {raw}::VARCHAR END"
        )
    if _fits(column, sql_type):
        return _local(raw) if sql_type == "TIMESTAMP WITH TIME ZONE" else raw
    if sql_type == "BOOLEAN":
        return f"CAST({raw} AS TINYINT)::VARCHAR"
    return f"nullif(trim({raw}::VARCHAR, {_BLANKS}), '')"


def as_parsed(column: Column, text: str, sql_type: str) -> str:
    """Return the expression of a column's typed value; null where it is missing or unreadable.

    ``text`` is the column as :func:`as_text` gives it, ``sql_type`` its type in the file.
    """
    wanted = SQL_TYPES[column.type]
    if column.type == "str":
        return _string(column, text)
    if column.type in ("timestamp", "date"):
        time = f"TRY_CAST({text} AS TIMESTAMP)" if _fits(column, sql_type) else _time(text)
        return f"date_trunc('second', {time})" if column.type == "timestamp" else f"({time})::DATE"
    if column.type == "flag":
        if _fits(column, sql_type):
            return f"CASE WHEN {text} = 1 THEN 1 WHEN {text} = 0 THEN 0 END"
        return (
            f"CASE WHEN {text} IN ('1', '1.0') THEN 1 WHEN {text} IN ('0', '0.0') THEN 0 "
            f"WHEN lower({text}) IN ('true', 't', 'yes', 'y', '是') THEN 1 "
            f"WHEN lower({text}) IN ('false', 'f', 'no', 'n', '否') THEN 0 END"
        )
    if _fits(column, sql_type):
        return f"TRY_CAST({text} AS {wanted})"
    bare = f"regexp_replace({text}, '[¥￥,，元 ]', '', 'g')"
    grouped = f"regexp_full_match({text}, {literal(_GROUPED)})"
    return (
        f"COALESCE(TRY_CAST({text} AS {wanted}), "
        f"CASE WHEN {grouped} THEN TRY_CAST({bare} AS {wanted}) END)"
    )


def as_checked(column: Column, parsed: str) -> str:
    """Return the expression of a parsed value, null where it lies outside what can be right."""
    if column.type == "timestamp":
        return _between(parsed, RULES.first_year)
    if column.type == "date":
        return _between(parsed, RULES.first_birth_year)
    if column.type == "number":
        return f"CASE WHEN isfinite({parsed}) THEN {parsed} END"
    return parsed


def why_unreadable(column: Column, text: str, parsed: str) -> str:
    """Return the expression that names why a filled value gave none."""
    text = f"{text}::VARCHAR"
    reason = literal(UNREADABLE[column.type])
    if column.type in ("timestamp", "date"):
        reason = f"CASE WHEN {parsed} IS NOT NULL THEN 'time_out_of_range' ELSE {reason} END"
    if column.type == "str":
        return reason
    word = f"lower({text}) IN ({literals(PLACEHOLDERS)})"
    return f"CASE WHEN {word} THEN 'placeholder' ELSE {reason} END"


def masked(text: str, kind: Restricted | None) -> str:
    """Return the expression of an example that gives away no restricted value."""
    if kind is None:
        return f"left({text}::VARCHAR, 80)"
    text = f"{text}::VARCHAR"
    return f"left({text}, 1) || repeat('*', least(length({text}), 12) - 1)"


_BLANKS = literal(BLANKS)
_GROUPED = r"[-+]?[¥￥]? ?[-+]?([0-9]+|[0-9]{1,3}([,，][0-9]{3})+)(\.[0-9]+)? ?元?"
_LONGEST_PLACEHOLDER = max(len(word) for word in PLACEHOLDERS)


def _fits(column: Column, sql_type: str) -> bool:
    """Return whether a file's type holds the values of a column without going through text."""
    if column.type in ("timestamp", "date"):
        return sql_type.startswith("TIMESTAMP") or sql_type == "DATE"
    number = sql_type.endswith("INT") or sql_type == "INTEGER"
    if column.type == "flag":
        return number
    number = number or sql_type.startswith("DECIMAL") or sql_type in ("DOUBLE", "FLOAT")
    return number and column.type in ("int", "money", "number")


def _string(column: Column, text: str) -> str:
    """Return a tidied string, null where it is a placeholder.

    Nearly every value starts with a digit above nought or a capital and is neither; the full
    checks are ten times as dear, so they run on the others only.
    """
    odd = f"ascii({text}) NOT BETWEEN 49 AND 90 OR ascii({text}) IN (78, 85)"
    word = f"lower({text}) IN ({literals(PLACEHOLDERS)})"
    empty = f"({odd}) AND length({text}) <= {_LONGEST_PLACEHOLDER} AND {word}"
    if column.name in ZERO_IS_MISSING:
        empty += f" OR (starts_with({text}, '0') AND regexp_full_match({text}, '0+'))"
    if column.name in LETTER_AND_ZEROS:
        zeros = f"regexp_full_match({text}, '[A-Za-z]{{1,2}}0+')"
        empty += f" OR (ends_with({text}, '000000') AND {zeros})"
    return f"CASE WHEN {empty} THEN NULL ELSE {_tidy(column, text)} END"


def as_code(column: str, text: str) -> str:
    """Return the expression of a listed code as the column it is of would hold it."""
    return _tidy(Column(name=column, meaning=""), text)


def _tidy(column: Column, text: str) -> str:
    if column.restricted == "address":
        return f"regexp_replace({text}, '\\s|[[:cntrl:]]', '', 'g')"
    if column.restricted in ("phone", "account", "card", "certificate"):
        bare = f"upper(regexp_replace({text}, '[ -]|[[:cntrl:]]', '', 'g'))"
        if column.restricted == "phone":
            return f"regexp_replace({bare}, '^[+]?86(1[0-9]{{10}})$', '\\1')"
        return bare
    if column.restricted is not None:
        return f"regexp_replace({text}, '[[:cntrl:]]', '', 'g')"
    from_number = f"ends_with({text}, '.0') AND regexp_full_match({text}, '[0-9]+[.]0')"
    whole = f"CASE WHEN {from_number} THEN left({text}, length({text}) - 2) ELSE {text} END"
    if column.name in TWO_DIGITS:
        return f"CASE WHEN length({whole}) = 1 THEN '0' || {whole} ELSE {whole} END"
    if column.name in ONE_DIGIT:
        return f"CASE WHEN length({whole}) = 2 THEN ltrim({whole}, '0') ELSE {whole} END"
    return whole


def _time(text: str) -> str:
    zoned = f"length({text}) > 19 AND regexp_matches({text}, '(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$')"
    utc = _local(f"TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE)")
    return (
        f"CASE WHEN {zoned} THEN {utc} ELSE COALESCE(TRY_CAST({text} AS TIMESTAMP), "
        f"try_strptime({text}, [{literals(TIME_FORMATS)}])) END"
    )


def _local(raw: str) -> str:
    return f"make_timestamp(epoch_us({raw}) + {TIME_ZONE_HOURS * 3_600_000_000})"


def _between(parsed: str, first: int) -> str:
    return f"CASE WHEN year({parsed}) BETWEEN {first} AND {RULES.last_year} THEN {parsed} END"
