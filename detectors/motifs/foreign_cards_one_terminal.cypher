/*
title    = "Foreign cards at one terminal"
question = "At which terminals are {min_people} or more people insured in another prefecture swiped whose usual place is elsewhere, and {min_times} times the share of all terminals?"
honest   = "A shop beside a station, a hospital of the capital, a building site or a market; a terminal kept for settlements out of area."
unknown  = "People or places without a division on record are not counted as foreign. Stays and what was reversed in full are left out."
subject  = { label = "Device", column = "device_id" }
identity = ["device_id"]
sources  = [
  "Behaviour B08, swiping for a shop that is not designated (为非定点药品经营单位销售药品,代刷社保卡)",
  "Wuhan Huangpi, 2023 to 2024: buyers from elsewhere at two small pharmacies",
]

[members]
Device  = "device_id"
Patient = "person_ids"

[columns]
device_id        = "the terminal"
place_id         = "its place, empty if it is not on record"
people           = "people swiped there"
strangers        = "those insured in another prefecture whose usual place is elsewhere"
share            = "strangers of these people (whole per cent)"
share_everywhere = "the same over all terminals (whole per cent)"
person_ids       = "the strangers (pseudonyms)"
setl_ids         = "their settlements there"

[params.min_people]
default = 10
least   = 2
unit    = "people"
meaning = "fewest people worth a look"

[params.min_times]
default = 3
least   = 1
unit    = "times"
meaning = "how many times the share of all terminals is worth a look"
*/
MATCH (:Patient)-[visit:VISITED]->(:Device)
WITH count(visit) AS everyone,
     sum(CASE WHEN visit.far AND NOT visit.usual THEN 1 ELSE 0 END) AS foreign
MATCH (device:Device)
CALL (device, everyone, foreign) {
  MATCH (device)<-[visit:VISITED]-(patient:Patient)
  WITH everyone, foreign,
       count(patient) AS people,
       collect(CASE WHEN visit.far AND NOT visit.usual THEN patient END) AS away
  WHERE size(away) >= $min_people
    AND size(away) * everyone >= $min_times * people * foreign
  RETURN people, away
}
CALL (device, away) {
  UNWIND away AS patient
  MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(there:Device)
  WHERE there.device_id = device.device_id AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
  RETURN collect(DISTINCT patient.person_id) AS person_ids,
         collect(DISTINCT swipe.setl_id) AS setl_ids
}
OPTIONAL MATCH (device)-[:INSTALLED_AT]->(place)
RETURN device.device_id AS device_id,
       place.place_id AS place_id,
       people,
       size(away) AS strangers,
       size(away) * 100 / people AS share,
       foreign * 100 / everyone AS share_everywhere,
       person_ids,
       setl_ids
ORDER BY strangers DESC, device_id
