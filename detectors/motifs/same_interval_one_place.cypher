/*
title    = "Many who come at one interval"
question = "At which places do {min_people} or more people come back after the same number of days, between {least_interval} and {most_interval}, {min_times} or more times each?"
honest   = "Dialysis, infusions and rehabilitation have a fixed rhythm; refills follow the length of a prescription; a village doctor comes every week."
unknown  = "Two people who hold one card come together. Stays and what was reversed in full are left out; a visit missed breaks the interval."
subject  = { label = "Patient", column = "first_person" }
identity = ["place_id", "interval"]
sources  = [
  "Shanghai Jiading, 2024: visits every 12 or 24 days, brought by van",
  "Detection signature 3, periodic cohort: one interval shared by 5 members or more",
]

[members]
Patient = "person_ids"

[columns]
place_id     = "the place"
interval     = "days from one visit to the next"
people       = "different people who keep it"
first_person = "the first of them in the order of keys (pseudonym)"
times        = "intervals of that length, of all of them"
person_ids   = "those people (pseudonyms)"
setl_ids     = "their settlements there on days that begin or end such an interval"

[params.min_people]
default = 5
least   = 2
unit    = "people"
meaning = "fewest people worth a look"

[params.min_times]
default = 5
least   = 1
unit    = "times"
meaning = "fewest intervals of that length of one person"

[params.least_interval]
default = 5
least   = 1
unit    = "days"
meaning = "shortest interval looked at"

[params.most_interval]
default = 26
least   = 1
unit    = "days"
meaning = "longest interval looked at"
*/
MATCH (patient:Patient)-[visit:VISITED]->(:Device)
WHERE visit.place_days > $min_times
WITH DISTINCT patient, visit.place_id AS place_id
CALL (patient, place_id) {
  MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(:Device)-[:INSTALLED_AT]->(at)
  WHERE at.place_id = place_id AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
  WITH swipe.day AS day, collect(DISTINCT swipe.setl_id) AS numbers
  WITH collect([day, numbers]) AS visits
  UNWIND visits AS one
  WITH one, visits, reduce(next = 99999999, other IN visits |
    CASE WHEN other[0] > one[0] AND other[0] < next THEN other[0] ELSE next END) AS next
  WITH one, next - one[0] AS interval, [other IN visits WHERE other[0] = next | other[1]] AS after
  WHERE interval >= $least_interval AND interval <= $most_interval
  WITH interval, count(one) AS times, collect(one[1] + after[0]) AS kept
  WHERE times >= $min_times
  RETURN interval, times, kept
}
WITH place_id, interval,
     min(patient.person_id) AS first_person,
     sum(times) AS times,
     collect(patient.person_id) AS person_ids,
     collect(kept) AS kept
WHERE size(person_ids) >= $min_people
UNWIND kept AS own
UNWIND own AS numbers
UNWIND numbers AS setl_id
WITH place_id, interval, first_person, times, person_ids, collect(DISTINCT setl_id) AS setl_ids
RETURN place_id,
       interval,
       size(person_ids) AS people,
       first_person,
       times,
       person_ids,
       setl_ids
ORDER BY people DESC, place_id, interval
