"""Settings that are in force: time limits, the rule of rewards, the calendar; and where each is.

They are files that no page writes: each says which file changes it.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer.keeping import common
from app.explorer.words import name_of, plain
from casework.accounts import ONE_TIME
from casework.accounts_passwords import SHORTEST
from casework.accounts_sign_in import IDLE, LONGEST
from casework.ledger import Ledger
from casework.limits import Limit, read_limits
from casework.reveals import LAPSES, SUBJECTS_A_DAY
from casework.tips_rules import RewardRule, read_tip_rules
from casework.working_days import FOLDER, read_calendar
from ingest.texts import Language, say

WIDTHS = {"limit": 165, "days": 90, "extend": 70, "verified": 95, "from": 130}
"""Pixels of the short columns of the limits; what is left belongs to the rule."""


def shown(ledger: Ledger, lang: Language) -> None:
    """Draw what holds, where it comes from, and how it is changed."""
    own = ledger.workspace.root / "calendar"
    st.write(say("keeping.settings.hint", lang))
    common.attempt(lambda: _limits(own, lang), lang)
    left, right = st.columns(2, gap="large")
    with left:
        common.attempt(lambda: _reward(own, lang), lang)
    with right:
        common.attempt(lambda: _calendar(own, lang), lang)
        _fixed(lang)


def _limits(own: Path, lang: Language) -> None:
    """Draw the limits of cases and of tips, with the note that nobody compared one."""
    st.markdown(f"##### {say('keeping.settings.limits', lang)}")
    packaged, held = read_limits(), read_limits(own)
    of_cases = [("limit", "limits.toml", one, packaged.get(one.name)) for one in held.values()]
    packaged, held = read_tip_rules().limits, read_tip_rules(own).limits
    of_tips = [("tip_limit", "tips.toml", one, packaged.get(one.name)) for one in held.values()]
    frame = pd.DataFrame([_row(*one, lang) for one in (*of_cases, *of_tips)])
    config = common.columns(frame, lang)
    for name, width in WIDTHS.items():
        config[name] = st.column_config.Column(config[name], width=width)
    st.dataframe(
        frame,
        column_config=config,
        hide_index=True,
        height="content",
        placeholder="–",
        alt=say("keeping.settings.limits", lang),
    )


def _row(
    area: str, file: str, limit: Limit, packaged: Limit | None, lang: Language
) -> dict[str, Any]:
    return {
        "limit": name_of(area, limit.name, lang),
        "days": say(f"limit_unit.{limit.unit}", lang, days=limit.days),
        "extend": " + ".join(map(str, limit.extend)) or None,
        "verified": say(f"keeping.settings.{'is' if limit.verified else 'not'}_verified", lang),
        "from": _origin(limit == packaged, file, lang),
        "source": limit.source,
    }


def _origin(ours: bool, file: str, lang: Language) -> str:
    """Say whose a setting is: ours, or that of the workspace's own file."""
    return say(f"keeping.settings.from_{'us' if ours else 'workspace'}", lang, file=file)


def _reward(own: Path, lang: Language) -> None:
    st.markdown(f"##### {say('keeping.settings.reward', lang)}")
    packaged, rule = read_tip_rules().reward, read_tip_rules(own).reward
    bounds = {"least": f"{rule.least:,}", "most": f"{rule.most:,}", "months": rule.claim_months}
    st.write(plain(say("keeping.settings.reward_rule", lang, **bounds)))
    for line in _tiers(rule, lang):
        st.markdown(f"- {plain(line)}")
    note = say(f"keeping.settings.{'is' if rule.verified else 'not'}_verified", lang)
    origin = _origin(rule == packaged, "tips.toml", lang)
    st.caption(plain(f"{note} · {origin} · {rule.source}"))


def _tiers(rule: RewardRule, lang: Language) -> Iterable[str]:
    for tier in rule.tiers:
        share = f"{tier.share:.2%}"
        if tier.up_to is None:
            yield say("keeping.settings.last_tier", lang, share=share)
        else:
            yield say("keeping.settings.tier", lang, upto=f"{tier.up_to:,}", share=share)


def _calendar(own: Path, lang: Language) -> None:
    st.markdown(f"##### {say('keeping.settings.calendar', lang)}")
    years = sorted(read_calendar(own).years)
    for year in years:
        mine = (own / f"{year}.toml").exists()
        origin = _origin(not mine, f"{year}.toml", lang)
        st.markdown(f"- {plain(f'{year} · {origin}')}")
    today = date.today()
    missing = [year for year in (today.year, today.year + 1) if year not in years]
    if missing:
        told = ", ".join(map(str, missing))
        st.warning(plain(say("keeping.settings.no_calendar", lang, years=told)))
    st.caption(
        plain(say("keeping.settings.calendar_how", lang, example=f"{FOLDER.name}/2026.toml"))
    )


def _fixed(lang: Language) -> None:
    """Draw what is fixed in this version, so that nobody looks for a switch."""
    st.markdown(f"##### {say('keeping.settings.fixed', lang)}")
    values = {
        "idle": int(IDLE.total_seconds() // 60),
        "session": int(LONGEST.total_seconds() // 3600),
        "one_time": ONE_TIME.days,
        "shortest": SHORTEST,
        "lapses": int(LAPSES.total_seconds() // 60),
        "subjects": SUBJECTS_A_DAY,
    }
    for name, value in values.items():
        st.markdown(f"- {plain(say(f'keeping.fixed.{name}', lang, value=value))}")
