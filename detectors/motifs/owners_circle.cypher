/*
title    = "A place's own people as its patients"
question = "Which people who share a telephone or an address with the staff of a place were settled there on {min_days} or more different days?"
honest   = "Staff and their families live nearby and go where they work; a dormitory or a shop's telephone is shared by people who have nothing else in common."
unknown  = "Only what is on record ties people: a telephone or an address of more than {most_sharing} people ties nobody. Named people are shown whether tied or not: staff_ids is empty where the tie is not on record, or runs through somebody else of the household. What was reversed in full is left out."
subject  = { label = "Patient", column = "person_id" }
identity = ["place_id", "person_id"]
sources  = [
  "Shanghai Jiading, 2024: about 30 cards of shareholders and relatives, then of villagers",
  "Detection signature 12, owner circle: head, staff and kin are heavy patients of their own place",
]

[members]
Patient = "person_id"
Staff   = "staff_ids"
Device  = "device_ids"

[columns]
place_id   = "the place"
person_id  = "the patient (pseudonym)"
staff_ids  = "staff of the place who share a telephone or an address with this person"
days       = "different days with a settlement"
device_ids = "the terminals"
setl_ids   = "the settlements"

[params.place_ids]
default = []
least   = 0
unit    = "place keys"
meaning = "these places only; empty means any"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "these people only, tied or not; empty means anyone who is tied"

[params.min_days]
default = 3
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"

[params.most_sharing]
default = 8
least   = 1
unit    = "people"
meaning = "most insured people of one telephone or address that still ties"

[params.from_day]
default = 0
least   = 0
unit    = "days since 1970-01-01"
meaning = "first day looked at"

[params.until_day]
default = 99999
least   = 0
unit    = "days since 1970-01-01"
meaning = "last day looked at"
*/
CALL () {
  UNWIND $place_ids AS named
  MATCH (place:Pharmacy {place_id: named})
  RETURN place
  UNION
  UNWIND $place_ids AS named
  MATCH (place:Institution {place_id: named})
  RETURN place
  UNION
  UNWIND CASE WHEN size($place_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (place:Pharmacy)
  RETURN place
  UNION
  UNWIND CASE WHEN size($place_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (place:Institution)
  RETURN place
}
CALL (place) {
  MATCH (place)<-[:WORKS_FOR]-(staff:Staff)-[:USES|LIVES_AT]->(shared)
  WHERE shared.people <= $most_sharing
  MATCH (shared)<-[:USES|LIVES_AT]-(patient:Patient)
  RETURN collect(DISTINCT [patient.person_id, staff.staff_id]) AS ties
}
CALL (place, ties) {
  UNWIND CASE WHEN size($person_ids) > 0 THEN $person_ids
              ELSE [tie IN ties | tie[0]] END AS key
  WITH DISTINCT place, ties, key
  MATCH (patient:Patient {person_id: key})-[:HOLDS]->(:Card)
        -[swipe:SWIPED_AT]->(device:Device)-[:INSTALLED_AT]->(at)
  WHERE at.place_id = place.place_id AND NOT swipe.refunded
    AND swipe.day >= $from_day AND swipe.day <= $until_day
  WITH key AS person_id, [tie IN ties WHERE tie[0] = key | tie[1]] AS staff_ids,
       count(DISTINCT swipe.day) AS days,
       collect(DISTINCT device.device_id) AS device_ids,
       collect(DISTINCT swipe.setl_id) AS setl_ids
  WHERE days >= $min_days
  RETURN person_id, staff_ids, days, device_ids, setl_ids
}
WITH place.place_id AS place_id, person_id, staff_ids, days, device_ids, setl_ids
RETURN place_id, person_id, staff_ids, days, device_ids, setl_ids
ORDER BY days DESC, place_id, person_id
