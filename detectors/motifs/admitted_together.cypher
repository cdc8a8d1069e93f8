/*
title    = "Admitted and discharged together"
question = "Which two people were taken into one institution and left it within {most_days_apart} days of each other, on {min_stays} or more different days of admission?"
honest   = "Couples and care homes are admitted together; a dialysis or chemotherapy course brings the same people back on the same days; a ward that fills on Mondays admits strangers together."
unknown  = "A stay without first day or institution is not looked at; without last day it ends on the day it was settled. Stays reversed in full are left out. A long stay billed in parts counts once for each part's own days."
subject  = { label = "Patient", column = "person_a" }
identity = ["person_a", "person_b", "place_id"]
sources  = [
  "Detection signature 11, admission cohort: same day in and out, repeated",
  "National cases of sham admission, 2023: cash, gifts, collected credentials; 62 institutions, 150 million yuan",
]

[members]
Patient     = "person_ids"
Institution = "place_id"
Stay        = "setl_ids"

[columns]
person_a   = "one of the two, first in the order of keys (pseudonym)"
person_b   = "the other (pseudonym)"
place_id   = "the institution"
stays      = "different days on which the one admitted first came in"
from_day   = "first of these days (days since 1970-01-01)"
until_day  = "last of these days (days since 1970-01-01)"
person_ids = "the two of them"
setl_ids   = "the settlements of these stays"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "stays of these people only; empty means anyone"

[params.place_ids]
default = []
least   = 0
unit    = "place keys"
meaning = "stays in these institutions only; empty means any"

[params.most_days_apart]
default = 1
least   = 0
unit    = "days"
meaning = "most days between the two admissions, and between the two discharges"

[params.min_stays]
default = 2
least   = 1
unit    = "days"
meaning = "fewest different days of admission worth a look"

[params.from_day]
default = 0
least   = 0
unit    = "days since 1970-01-01"
meaning = "first day of admission looked at"

[params.until_day]
default = 99999
least   = 0
unit    = "days since 1970-01-01"
meaning = "last day of admission looked at"
*/
CALL () {
  // Known people: their own stays are the anchor.
  UNWIND $person_ids AS named
  WITH DISTINCT named AS person_id
  MATCH (patient:Patient {person_id: person_id})<-[:STAY_OF]-(stay:Stay)-[:STAYED_IN]->(place:Institution)
  RETURN place, collect([person_id, stay]) AS known
  UNION ALL
  // Anyone: each institution is the anchor, and its stays are fetched below.
  UNWIND CASE WHEN size($person_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (place:Institution)
  RETURN place, [] AS known
}
WITH place, known
WHERE size($place_ids) = 0 OR place.place_id IN $place_ids
CALL (place, known) {
  CALL (place, known) {
    UNWIND known AS one
    RETURN one[0] AS person, one[1] AS stay
    UNION ALL
    UNWIND CASE WHEN size($person_ids) = 0 THEN [place] ELSE [] END AS here
    MATCH (here)<-[:STAYED_IN]-(stay:Stay)-[:STAY_OF]->(patient:Patient)
    RETURN patient.person_id AS person, stay
  }
  WITH person, stay, coalesce(stay.ends, stay.at / 86400) AS ends
  WHERE NOT stay.refunded AND stay.begins >= $from_day AND stay.begins <= $until_day
  WITH [person, stay.begins, ends, stay.setl_id] AS stay, stay.begins / ($most_days_apart + 1) AS home
  // A stay waits in its own slot of days and in the next, so no pair further apart is built.
  UNWIND [home, home + 1] AS slot
  WITH slot, collect(stay) AS near
  WHERE size(near) > 1
  UNWIND [stay IN near WHERE stay[1] / ($most_days_apart + 1) = slot] AS late
  UNWIND [stay IN near
          WHERE stay[0] <> late[0]
            AND stay[1] <= late[1] AND late[1] - stay[1] <= $most_days_apart
            AND abs(late[2] - stay[2]) <= $most_days_apart
            AND (stay[1] < late[1] OR stay[0] < late[0])] AS early
  WITH CASE WHEN early[0] < late[0] THEN early[0] ELSE late[0] END AS person_a,
       CASE WHEN early[0] < late[0] THEN late[0] ELSE early[0] END AS person_b,
       collect(DISTINCT early[1]) AS days,
       min(early[1]) AS from_day,
       max(early[1]) AS until_day,
       collect([early[3], late[3]]) AS pairs
  WHERE size(days) >= $min_stays
  UNWIND pairs AS pair
  UNWIND pair AS setl_id
  RETURN person_a, person_b, size(days) AS stays, from_day, until_day,
         collect(DISTINCT setl_id) AS setl_ids
}
RETURN person_a,
       person_b,
       place.place_id AS place_id,
       stays,
       from_day,
       until_day,
       [person_a, person_b] AS person_ids,
       setl_ids
ORDER BY stays DESC, person_a, person_b, place_id
