/*
title    = "Who else was there with known people"
question = "Who was swiped at the terminals of known people, or of the ring that has rank {ring_rank} in the last run, within {window_seconds} seconds of {min_known} or more of them, on {min_days} or more days?"
honest   = "Customers of the same hours at a busy counter; the family of a known person; other patients of one clinic day."
unknown  = "Nobody known and no run: nothing comes back. Where the terminal was not delivered, the clerk stands for it, and where that is missing too, the whole place. Stays and what was reversed in full are left out."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id"]
sources  = [
  "Hangzhou Xihu procuratorate: seed holders, pharmacies, all their cards, new suspects",
  "Detection signature 8, funnel: known holders, places, holders",
]

[members]
Patient = "person_id"
Device  = "device_ids"

[columns]
person_id  = "who was there with them (pseudonym)"
known      = "different known people met"
days       = "different days, of this person's swipe"
device_ids = "the terminals"
known_ids  = "those known people (pseudonyms)"
setl_ids   = "the settlements of both sides"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "the known people; empty means the members of a ring"

[params.ring_rank]
default = 1
least   = 1
unit    = "rank"
meaning = "rank of that ring in the last run"

[params.window_seconds]
default = 600
least   = 0
unit    = "seconds"
meaning = "longest time between two of them"

[params.min_known]
default = 2
least   = 1
unit    = "people"
meaning = "fewest known people met"

[params.min_days]
default = 3
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"
*/
CALL () {
  UNWIND $person_ids AS named
  MATCH (seed:Patient {person_id: named})
  RETURN seed
  UNION
  UNWIND CASE WHEN size($person_ids) = 0 THEN [$ring_rank] ELSE [] END AS place
  MATCH (ring:Ring)<-[:MEMBER_OF]-(seed:Patient)
  WHERE ring.rank = place
  RETURN seed
}
MATCH (seed)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device:Device)
WHERE swipe.neighbour <= $window_seconds
WITH device, collect([seed.person_id, swipe.at, swipe.setl_id]) AS seen,
     collect(DISTINCT seed.person_id) AS here
WITH collect([device, seen]) AS spots, collect(here) AS keys
CALL (spots, keys) {
  UNWIND spots AS spot
  WITH spot[0] AS device, spot[1] AS seen, keys
  MATCH (device)<-[swipe:SWIPED_AT]-(card:Card)<-[:HOLDS]-(patient:Patient)
  WHERE swipe.neighbour <= $window_seconds
    AND none(here IN keys WHERE patient.person_id IN here)
  UNWIND [one IN seen WHERE abs(one[1] - swipe.at) <= $window_seconds] AS one
  WITH patient.person_id AS person_id,
       count(DISTINCT swipe.day) AS days,
       collect(DISTINCT one[0]) AS known_ids,
       collect(DISTINCT device.device_id) AS device_ids,
       collect([one[2], swipe.setl_id]) AS pairs
  WHERE size(known_ids) >= $min_known AND days >= $min_days
  UNWIND pairs AS pair
  UNWIND pair AS setl_id
  RETURN person_id, days, known_ids, device_ids, collect(DISTINCT setl_id) AS setl_ids
}
RETURN person_id,
       size(known_ids) AS known,
       days,
       device_ids,
       known_ids,
       setl_ids
ORDER BY known DESC, days DESC, person_id
