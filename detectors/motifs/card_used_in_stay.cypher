/*
title    = "Card used during a stay"
question = "Whose card was swiped elsewhere on {min_days} or more full days of a hospital stay?"
honest   = "A relative buys medicine with the patient's card; a patient on leave, or sent out for an examination; a discharge date entered late."
unknown  = "A stay without first or last day, or without its institution, is not looked at. Swipes at a terminal whose place is not on record are not counted, nor are other stays: the day one is paid says nothing about who was where."
subject  = { label = "Stay", column = "stay" }
identity = ["stay"]
sources  = ["Seed texts of Changchun, 2018, and Jinan, 2019: bed in name only (挂床住院)"]

[members]
Stay        = "stay"
Patient     = "person_id"
Institution = "stayed_in"
Card        = "card_ids"
Device      = "device_ids"

[columns]
stay       = "the settlement of the stay"
person_id  = "the patient (pseudonym)"
stayed_in  = "the institution of the stay"
from_day   = "first day of the stay (days since 1970-01-01)"
until_day  = "last day of the stay (days since 1970-01-01)"
days       = "different days with a swipe elsewhere, first and last day of the stay left out"
swipes     = "settlements elsewhere on these days"
place_ids  = "where the card was swiped"
card_ids   = "the cards that were swiped"
device_ids = "the terminals"
setl_ids   = "the stay's settlement and those of the swipes"

[params.min_days]
default = 1
least   = 1
unit    = "days"
meaning = "fewest different days with a swipe elsewhere"
*/
MATCH (stay:Stay)
WHERE NOT stay.refunded AND stay.swiped_days >= $min_days
CALL (stay) {
  MATCH (stay)-[:STAYED_IN]->(home:Institution), (stay)-[:STAY_OF]->(patient:Patient)
  MATCH (patient)-[:HOLDS]->(card:Card)-[swipe:SWIPED_AT]->(device:Device)
  WHERE stay.begins < swipe.day AND swipe.day < stay.ends
    AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
  MATCH (device)-[:INSTALLED_AT]->(place)
  WHERE place.place_id <> home.place_id
  WITH home, patient,
       count(DISTINCT swipe.day) AS days,
       collect(DISTINCT place.place_id) AS place_ids,
       collect(DISTINCT card.card_id) AS card_ids,
       collect(DISTINCT device.device_id) AS device_ids,
       collect(DISTINCT swipe.setl_id) AS setl_ids
  WHERE days >= $min_days
  RETURN home.place_id AS stayed_in, patient.person_id AS person_id,
         days, place_ids, card_ids, device_ids, setl_ids
}
RETURN stay.setl_id AS stay,
       person_id,
       stayed_in,
       stay.begins AS from_day,
       stay.ends AS until_day,
       days,
       size(setl_ids) AS swipes,
       place_ids,
       card_ids,
       device_ids,
       [stay.setl_id] + setl_ids AS setl_ids
ORDER BY days DESC, stay
