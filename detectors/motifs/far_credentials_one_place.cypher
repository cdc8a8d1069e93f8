/*
title    = "Credentials from afar at one place"
question = "On which days were the cards or credentials of {min_people} or more people insured in another prefecture used at one place?"
honest   = "A travel party, a building site or a seasonal market brings people from one prefecture; a place beside a station or a border has such customers every day."
unknown  = "Where it is not on record in which division a person is insured, or a place stands, only named people are counted, and the row says divisions_known = false. Stays and charges reversed in full are left out."
subject  = { label = "Patient", column = "first_person" }
identity = ["place_id", "day"]
sources  = [
  "Wuhan Huangpi, 2023 to 2024: remote codes at two small pharmacies, buyers from elsewhere, the shop empty at that time; 22 people, 21 provinces",
  "National cases, 2023: e-credentials turned into cash by remote code",
]

[members]
Patient = "person_ids"
Device  = "device_ids"

[columns]
place_id     = "the place"
day          = "the day (days since 1970-01-01)"
people       = "different people from elsewhere"
first_person = "the first of them in the order of keys (pseudonym)"
seconds      = "time from the first of these settlements to the last"
divisions_known = "whether for all of them both divisions are on record"
device_ids   = "the terminals"
person_ids   = "those people (pseudonyms)"
setl_ids     = "the settlements"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "credentials of these people only; empty means anyone"

[params.place_ids]
default = []
least   = 0
unit    = "place keys"
meaning = "these places only; empty means any"

[params.min_people]
default = 5
least   = 1
unit    = "people"
meaning = "fewest people from elsewhere on one day worth a look"

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
  CALL (place) {
    UNWIND $person_ids AS named
    WITH DISTINCT place, named
    MATCH (patient:Patient {person_id: named})-[:HOLDS]->(:Card)
          -[swipe:SWIPED_AT]->(device:Device)-[:INSTALLED_AT]->(at)
    WHERE at.place_id = place.place_id
    RETURN patient, swipe, device, at.division AS division
    UNION ALL
    UNWIND CASE WHEN size($person_ids) = 0 THEN [place] ELSE [] END AS at
    MATCH (at)<-[:INSTALLED_AT]-(device:Device)<-[visit:VISITED]-(patient:Patient)
    WHERE visit.far
    WITH at, device, collect(patient) AS strangers
    WITH at, collect([device, strangers]) AS terminals, sum(size(strangers)) AS people
    WHERE people >= $min_people
    UNWIND terminals AS terminal
    WITH at, terminal[0] AS device, terminal[1] AS strangers
    UNWIND strangers AS patient
    MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(there:Device)
    WHERE there.device_id = device.device_id
    RETURN patient, swipe, device, at.division AS division
  }
  WITH patient.person_id AS person_id, swipe, device,
       left(patient.division, 4) <> left(division, 4) AS far
  WHERE swipe.kind <> 'inpatient' AND NOT swipe.refunded
    AND swipe.day >= $from_day AND swipe.day <= $until_day
    AND coalesce(far, size($person_ids) > 0)
  WITH swipe.day AS day,
       min(swipe.at) AS first,
       max(swipe.at) AS last,
       min(person_id) AS first_person,
       sum(CASE WHEN far IS NULL THEN 1 ELSE 0 END) AS unknown,
       collect(DISTINCT device.device_id) AS device_ids,
       collect(DISTINCT person_id) AS person_ids,
       collect(DISTINCT swipe.setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_people
  RETURN day, first, last, first_person, unknown, device_ids, person_ids, setl_ids
}
RETURN place.place_id AS place_id,
       day,
       size(person_ids) AS people,
       first_person,
       last - first AS seconds,
       unknown = 0 AS divisions_known,
       device_ids,
       person_ids,
       setl_ids
ORDER BY people DESC, place_id, day
