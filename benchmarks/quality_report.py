"""Write docs/quality.md and its pictures from the frozen tables of this folder.

python -m benchmarks.quality_report

Intervals are 95 % bootstrap intervals over counties (percentile, 2,000 draws, one seed); a setting
that shares its seeds with ``plain`` is compared with it county by county.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from benchmarks.quality import FIGURES, POINTS, SETTINGS
from detectors.evaluate import calibration
from detectors.rings import KINDS

mpl.use("svg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PICTURES = DOCS / "pictures"
DRAWS = 2_000
MAIN = ("plain", "messy", "second", "second_messy")
LARGE = ("county_60k", "county_60k_messy", "county_60k_second")
GREY, BLUE, RED = "#8a8f98", "#2f6db3", "#b3432f"


def main() -> None:
    """Read the tables, draw the pictures, write the page."""
    mpl.rcParams |= {"svg.hashsalt": "ringfence", "svg.fonttype": "none", "font.size": 9}
    PICTURES.mkdir(exist_ok=True)
    table, points = pd.read_csv(FIGURES), pd.read_csv(POINTS)
    kinds_picture(table)
    reliability_picture(points)
    parts = [
        HEAD,
        overall(table),
        by_kind(table),
        "![Recall by kind](pictures/recall-by-kind.svg)\n",
        probabilities(points),
        "![Reliability](pictures/reliability.svg)\n",
        ablations(table),
    ]
    if (HERE / "chance.csv").exists():
        chance = pd.read_csv(HERE / "chance.csv")
        qq_picture(chance)
        parts += [chances(chance), "![Pairs below each p-value](pictures/pairs-qq.svg)\n"]
    if (HERE / "peers.csv").exists():
        parts.append(peers(pd.read_csv(HERE / "peers.csv")))
    parts.append(losses(table))
    (DOCS / "quality.md").write_text("\n".join(parts), "utf-8")


HEAD = """# Quality, measured

Written by `python -m benchmarks.quality_report` from the tables in `benchmarks/`; do not edit.
All counties are invented. "First" and "second" are two generators with the same tables: the second
has other prices, hours, habits, honest groups and other ways for every kind of ring. Factors were
learnt on both (`ringfence learn`, seeds from 1); every seed here is another one. Brackets are 95 %
bootstrap intervals over counties. A ring is right from a Jaccard index of 0.5, a second ring on the
same truth is a false alarm. The tables are renewed one by one: their last commits say with which
state of the code the settings, the null counties and the peers were measured.
"""


def overall(table: pd.DataFrame) -> str:
    """Return the main table: one row a setting."""
    rows = []
    for setting in SETTINGS:
        part = table[table["setting"] == setting.name]
        if len(part):
            rows.append(
                [
                    setting.name,
                    str(len(part)),
                    f"{setting.persons // 1000}k",
                    _ratio(part, "right_0.5", "planted"),
                    _ratio(part, "right_0.5", "raised"),
                    _mean(part, "precision_at_50"),
                    _ratio(part, "honest_raised", "honest_planted", digits=4),
                    f"{part['raised'].mean():.2f}",
                    _mean(part, "brier", 3),
                    _mean(part, "loss_covered"),
                    _against_plain(table, part),
                ]
            )
    head = (
        "setting",
        "counties",
        "people",
        "recall",
        "precision",
        "precision@50",
        "honest raised",
        "rings raised",
        "Brier",
        "loss covered",
        "recall against plain",
    )
    return "## Every setting\n\n" + _markdown(head, rows)


def by_kind(table: pd.DataFrame) -> str:
    """Return recall by kind of ring."""
    groups = {"first": ("plain", "messy"), "second": ("second", "second_messy"), "60k": LARGE}
    rows = []
    for kind in KINDS[:-1]:
        cells = []
        for names in groups.values():
            part = table[table["setting"].isin(names)]
            found, planted = part[f"{kind}_found"].sum(), part[f"{kind}_planted"].sum()
            cells.append(f"{found}/{planted} = {found / planted:.2f}" if planted else "–")
        rows.append([kind, *cells])
    return "## Recall by kind\n\n" + _markdown(("kind", *groups), rows)


def probabilities(points: pd.DataFrame) -> str:
    """Return Brier score and the worst bin of the probability."""
    rows = []
    for name, names in {"first": MAIN[:2], "second": MAIN[2:], "60k": LARGE}.items():
        part = points[points["setting"].isin(names)]
        if len(part):
            result = calibration(part["probability"].to_numpy(), part["ring"].to_numpy(float))
            worst = max(
                (abs(b["mean"] - b["true"]) for b in result["bins"] if b["n"] >= 20),  # type: ignore[attr-defined]
                default=float("nan"),
            )
            rows.append([name, str(result["candidates"]), f"{result['brier']:.4f}", f"{worst:.2f}"])
    head = ("counties", "candidates", "Brier score", "worst tenth with 20 candidates or more, off")
    return "## Is the probability what it says?\n\n" + _markdown(head, rows)


def ablations(table: pd.DataFrame) -> str:
    """Return what each part of the method is worth."""
    rows = []
    for name in ("plain", *(s.name for s in SETTINGS if s.settings or not s.honest)):
        part = table[table["setting"] == name]
        if len(part):
            rows.append(
                [
                    name,
                    _ratio(part, "right_0.5", "planted"),
                    _ratio(part, "right_0.5", "raised"),
                    str(int(part["honest_raised"].sum())),
                    _against_plain(table, part),
                ]
            )
    head = ("method", "recall", "precision", "honest groups raised", "recall against plain")
    return "## Without a part of the method\n\n" + _markdown(head, rows)


def chances(chance: pd.DataFrame) -> str:
    """Return realised false discoveries and the tail of pairs on null counties."""
    rows = []
    for style in ("first", "second"):
        part = chance[chance["style"] == style]
        for q in ("0.01", "0.05"):
            found = part[part["figure"] == f"false_pairs_q_{q}"]
            if len(found):
                share = found["observed"].sum() / max(found["of"].sum(), 1)
                n = f"{int(found['observed'].sum())} of {int(found['of'].sum())}"
                rows.append([style, f"pairs at q ≤ {q}, with rings", n, f"{share:.4f}"])
        groups = part[part["figure"] == "groups_q_0.05"]
        if len(groups):
            n = f"{int(groups['observed'].sum())} of {int(groups['of'].sum())}"
            rows.append([style, "candidate groups at q ≤ 0.05, null counties", n, ""])
    return (
        "## Chance\n\nPairs of one planted group or one home do move together; the rest is false."
        " Groups at q ≤ 0.05 on null counties are mostly families, treatments and the like, which"
        " chance does not explain and the honest tests must.\n\n"
        + _markdown(("generator", "what", "false", "share"), rows)
    )


def peers(table: pd.DataFrame) -> str:
    """Return the peers on the same visits."""
    numbers = [
        c for c in table.columns if c not in ("peer", "county", "style", "kind", "note", "seed")
    ]
    numbers = [c for c in numbers if pd.api.types.is_numeric_dtype(table[c])]
    mean = table.groupby("peer", sort=False)[numbers].mean().round(3).reset_index()
    rows = [[str(v) for v in row] for row in mean.to_numpy().tolist()]
    return "## Peers on the same visits\n\nMeans over counties.\n\n" + _markdown(
        tuple(mean.columns), rows
    )


def losses(table: pd.DataFrame) -> str:
    """Return what is missed or wrong, worst first."""
    part = table[table["setting"].isin((*MAIN, *LARGE))]
    rows = []
    for kind in KINDS[:-1]:
        planted, found = part[f"{kind}_planted"].sum(), part[f"{kind}_found"].sum()
        if planted:
            rows.append((found / planted, kind, int(planted - found), int(planted)))
    text = [f"- {kind}: {lost} of {n} missed" for _, kind, lost, n in sorted(rows) if lost]
    wrong = int(part["raised"].sum() - part["right_0.5"].sum())
    text.append(f"- {wrong} of {int(part['raised'].sum())} raised rings match no planted ring")
    return "## What is lost\n\n" + "\n".join(text) + "\n"


def kinds_picture(table: pd.DataFrame) -> None:
    """Draw recall by kind for both generators."""
    figure, axis = plt.subplots(figsize=(7, 4))
    for offset, (label, names, colour) in enumerate(
        (("first", MAIN[:2], BLUE), ("second", MAIN[2:], RED))
    ):
        part = table[table["setting"].isin(names)]
        recall = [part[f"{k}_found"].sum() / max(part[f"{k}_planted"].sum(), 1) for k in KINDS[:-1]]
        axis.barh(np.arange(len(recall)) + 0.4 * offset, recall, 0.38, label=label, color=colour)
    axis.set_yticks(np.arange(len(KINDS) - 1) + 0.2, KINDS[:-1])
    axis.axvline(0.8, color=GREY, linewidth=0.8)
    axis.set_xlim(0, 1)
    axis.set_xlabel("recall at J ≥ 0.5 (line: 0.8)")
    axis.legend(loc="lower left")
    _save(figure, "recall-by-kind")


def reliability_picture(points: pd.DataFrame) -> None:
    """Draw the reliability curve."""
    figure, axis = plt.subplots(figsize=(4, 4))
    axis.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    for label, names, colour in (("first", MAIN[:2], BLUE), ("second", MAIN[2:], RED)):
        part = points[points["setting"].isin(names)]
        if len(part):
            bins = calibration(part["probability"].to_numpy(), part["ring"].to_numpy(float))["bins"]
            frame = pd.DataFrame(bins)
            size = 10 + 60 * np.sqrt(frame["n"] / frame["n"].max())
            axis.scatter(frame["mean"], frame["true"], s=size, color=colour, label=label, alpha=0.8)
    axis.set_xlabel("probability said")
    axis.set_ylabel("share that are rings")
    axis.legend()
    _save(figure, "reliability")


def qq_picture(chance: pd.DataFrame) -> None:
    """Draw pairs below each p-value on null counties against what chance allows."""
    figure, axis = plt.subplots(figsize=(4.5, 4))
    for style, colour in (("first", BLUE), ("second", RED)):
        part = chance[(chance["style"] == style) & chance["figure"].str.startswith("pairs_p_")]
        sums = part.groupby("figure")[["of", "observed"]].sum().sort_values("of")
        axis.plot(sums["of"], np.maximum(sums["observed"], 0.3), "o-", color=colour, label=style)
    high = axis.get_xlim()[1]
    axis.plot([0.3, high], [0.3, high], color=GREY, linewidth=0.8)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("pairs expected below p (M · p)")
    axis.set_ylabel("pairs below p that move together by chance")
    axis.legend()
    _save(figure, "pairs-qq")


def _save(figure: plt.Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(PICTURES / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


def _ratio(part: pd.DataFrame, above: str, below: str, digits: int = 2) -> str:
    if not part[below].sum():
        return "–"
    a, b = part[above].to_numpy(float), part[below].to_numpy(float)
    draw = np.random.default_rng(1).integers(0, len(part), (DRAWS, len(part)))
    low, high = np.nanpercentile(a[draw].sum(1) / np.maximum(b[draw].sum(1), 1), [2.5, 97.5])
    return f"{a.sum() / b.sum():.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _mean(part: pd.DataFrame, name: str, digits: int = 2) -> str:
    return f"{part[name].mean():.{digits}f}" if part[name].notna().any() else "–"


def _against_plain(table: pd.DataFrame, part: pd.DataFrame) -> str:
    """Return the mean difference of recall to the plain county of the same seed."""
    plain = table[table["setting"] == "plain"].set_index("seed")
    both = part[part["seed"].isin(plain.index)].set_index("seed")
    if not len(both) or not both["planted"].sum() or part["setting"].iloc[0] == "plain":
        return ""
    other = plain.loc[both.index]
    off = both["right_0.5"] / both["planted"] - other["right_0.5"] / other["planted"]
    draw = np.random.default_rng(1).integers(0, len(off), (DRAWS, len(off)))
    low, high = np.percentile(off.to_numpy()[draw].mean(1), [2.5, 97.5])
    return f"{off.mean():+.2f} [{low:+.2f}, {high:+.2f}]"


def _markdown(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


if __name__ == "__main__":
    main()
