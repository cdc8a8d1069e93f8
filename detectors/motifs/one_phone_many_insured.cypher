/*
title    = "One telephone, many insured"
question = "Which telephones on record for people of {min_homes} or more different households bring {min_people} or more of them to one place?"
honest   = "A village doctor, care home or grown child leaves one number for all of them; a clerk types the number of the counter; numbers pass from owner to owner."
unknown  = "People without a telephone on record are not counted; one without address counts as a household. Stays and what was reversed in full are left out."
subject  = { label = "Phone", column = "phone_id" }
identity = ["phone_id", "place_id"]
sources  = [
  "Detection, ties to staff, payees and owners: shared telephone or address",
  "Shanghai Pudong, 2024: pensioners recruited in chats, 58 people, 105 cards",
]

[members]
Phone   = "phone_id"
Patient = "person_ids"
Device  = "device_ids"

[columns]
phone_id   = "the telephone (pseudonym)"
place_id   = "the place"
insured    = "insured people on record with it"
homes      = "different addresses of these; one without address counts for itself"
people     = "those of them settled at the place"
days       = "different days on which they were"
device_ids = "the terminals"
person_ids = "those people (pseudonyms)"
setl_ids   = "their settlements there"

[params.min_people]
default = 4
least   = 2
unit    = "people"
meaning = "fewest people worth a look"

[params.min_homes]
default = 3
least   = 1
unit    = "households"
meaning = "fewest households worth a look"
*/
MATCH (phone:Phone)
WHERE phone.people >= $min_people
CALL (phone) {
  MATCH (phone)<-[:USES]-(patient:Patient)
  OPTIONAL MATCH (patient)-[:LIVES_AT]->(home:Address)
  WITH count(DISTINCT coalesce(home.address_id, patient.person_id)) AS homes,
       collect(DISTINCT patient) AS insured
  WHERE homes >= $min_homes
  UNWIND insured AS patient
  MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device:Device)-[:INSTALLED_AT]->(place)
  WHERE swipe.kind <> 'inpatient' AND NOT swipe.refunded
  WITH homes, place.place_id AS place_id,
       count(DISTINCT swipe.day) AS days,
       collect(DISTINCT device.device_id) AS device_ids,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT swipe.setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_people
  RETURN homes, place_id, days, device_ids, person_ids, setl_ids
}
RETURN phone.phone_id AS phone_id,
       place_id,
       phone.people AS insured,
       homes,
       size(person_ids) AS people,
       days,
       device_ids,
       person_ids,
       setl_ids
ORDER BY people DESC, phone_id, place_id
