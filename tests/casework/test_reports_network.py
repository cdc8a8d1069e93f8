"""The picture of who hangs on what: every node to be seen, no name on another, the same again."""

import re
from itertools import combinations

from casework.reports.network import LEAST, Tie, network

PEOPLE = [f"P-{n:06x}" for n in range(30)]
HUBS = [("Staff", "S1"), ("Staff", "S2"), ("Agent", "G-1"), ("Device", "proxy:H1:S1")]
TIES = [
    Tie(left=("Patient", person), right=hub, tie="rang_up", times=1)
    for person in PEOPLE
    for hub in HUBS
]
TEXT = re.compile(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*font-size="([\d.]+)"[^>]*>([^<]+)</text>')
LINE = re.compile(r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"')


def drawn() -> str:
    return network(TIES, {}, "en").svg


def test_nodes_that_everybody_is_tied_to_do_not_lie_on_each_other() -> None:
    ends = {
        (float(line[at]), float(line[at + 1]))
        for line in LINE.findall(drawn())[: len(TIES)]
        for at in (0, 2)
    }
    assert len(ends) == len(PEOPLE) + len(HUBS)
    nearest = min(
        ((a - c) ** 2 + (b - d) ** 2) ** 0.5 for (a, b), (c, d) in combinations(sorted(ends), 2)
    )
    assert nearest > 0.6 * LEAST


def test_all_hubs_are_named_and_no_two_names_of_people_stand_on_one_spot() -> None:
    held = TEXT.findall(drawn())
    names = {name for *_, name in held}
    assert {"S1", "S2", "G-1", "H1:S1"} <= names
    spots = sorted({(float(y), float(x)) for x, y, _, name in held if name in PEOPLE})
    assert len(spots) > len(PEOPLE) / 2
    for (b, a), (d, c) in combinations(spots, 2):
        assert abs(b - d) > 4 or abs(a - c) > 20, "eight signs of 5.6 points are wider than that"


def test_the_same_ties_give_the_same_picture() -> None:
    assert drawn() == network(TIES[::-1], {}, "en").svg
