"""A motif to begin with: a whole legal file with a question that works, to be changed."""

import re

from ingest.errors import RingfenceError
from ingest.telling import to_say

TEMPLATE = """/*
# __NAME__: one question to the graph. This block is TOML; below it stands one reading query.
# Every field is needed and none may be empty. Change the words, then the query, then run
#     ringfence motifs check __NAME__.cypher

title    = "People with many cards at one terminal"
# Ends with "?". {min_people} shows the value in use, so the words cannot disagree with the query.
question = "At which terminals were the cards of {min_people} or more people swiped on one day?"
# Who looks the same and has done nothing wrong? What happens where a fact is missing?
honest   = "A busy counter, a market day, a clinic day: many people come on one day."
unknown  = "Without a place on record place_id is empty. Charges reversed in full are left out."
# What a row is about: the explorer opens the node of this label whose key stands in this column.
subject  = { label = "Device", column = "device_id" }
# What makes two rows the same hit, also after the next run: alerts and comparisons rest on it.
identity = ["device_id", "day"]
# The case, rule or paper it follows, or who asked.
sources  = ["own question"]

# Which column holds the keys of which label: one key, or a list of them.
[members]
Device  = "device_id"
Patient = "person_ids"

# Every column with its meaning and unit, in the order of RETURN. setl_ids is always among them:
# the settlements that a row rests on.
[columns]
device_id  = "the terminal"
day        = "the day (days since 1970-01-01)"
place_id   = "the place of the terminal, empty if it is not on record"
people     = "different people"
person_ids = "those people (pseudonyms)"
setl_ids   = "their settlements there on that day"

# What can be changed: a number, a text or a list of texts. `least` bounds a number, or a length.
[params.min_people]
default = 12
least   = 2
unit    = "people"
meaning = "fewest different people on one day"
*/
// Start at an anchor, here each terminal, and work in CALL (anchor) { ... }: memory stays small.
MATCH (device:Device)
CALL (device) {
  // SWIPED_AT is one relationship per settlement: count different people or days, never rows.
  MATCH (device)<-[swipe:SWIPED_AT]-(:Card)<-[:HOLDS]-(patient:Patient)
  WHERE NOT swipe.refunded
  WITH swipe.day AS day,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT swipe.setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_people
  RETURN day, person_ids, setl_ids
}
OPTIONAL MATCH (device)-[:INSTALLED_AT]->(place:Pharmacy|Institution)
RETURN device.device_id AS device_id,
       day,
       place.place_id AS place_id,
       size(person_ids) AS people,
       person_ids,
       setl_ids
// End with the identity, so that the order is always the same.
ORDER BY people DESC, device_id, day
"""


def template(name: str) -> str:
    """Return the text of a motif file of that name, which passes every check as it is.

    Raises
    ------
    RingfenceError
        If the name is no file name of a motif: lower case letters, digits and ``_``.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise RingfenceError(to_say("refused.motif.name", name=name))
    return TEMPLATE.replace("__NAME__", name)
