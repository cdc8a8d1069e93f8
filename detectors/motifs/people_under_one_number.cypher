/*
title    = "The same people under one clerk's number"
question = "Which people were settled under one clerk's number on {min_days} or more different days?"
honest   = "A small counter has one clerk on every day; patients of a weekly clinic meet the same shift; a colleague who stands in works under the other's log-in."
unknown  = "Settlements without a clerk, or of a kiosk, are not counted, nor are those reversed in full. Where no terminal was delivered the clerk stands for it, and a number is never seen at two."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id", "person_id"]
sources  = ["A hospital worker (national administration, 2023) keeps patients' cards and settles them under a colleague's number"]

[members]
Staff   = "staff_id"
Patient = "person_id"
Device  = "device_ids"

[columns]
staff_id   = "the clerk whose number it is"
person_id  = "who was settled (pseudonym)"
days       = "different days"
two_days   = "those on which the number was used at two terminals or more"
device_ids = "the terminals at which this person was settled"
setl_ids   = "the settlements"

[params.staff_ids]
default = []
least   = 0
unit    = "staff keys"
meaning = "these numbers only; empty means any"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "these people only; empty means anyone"

[params.min_days]
default = 3
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"

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
  UNWIND $staff_ids AS named
  MATCH (staff:Staff {staff_id: named})
  RETURN staff
  UNION
  UNWIND CASE WHEN size($staff_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (staff:Staff)
  RETURN staff
}
CALL (staff) {
  MATCH (staff)-[rung:RANG_UP]->(card:Card)
  WHERE rung.holder_days >= $min_days
  MATCH (card)-[swipe:SWIPED_AT]->(device:Device)
  WHERE swipe.clerk_id = staff.staff_id AND NOT swipe.refunded
    AND swipe.day >= $from_day AND swipe.day <= $until_day
  WITH card, collect([swipe.day, device.device_id, swipe.setl_id, swipe.clerk_terminals]) AS rung
  MATCH (card)<-[:HOLDS]-(patient:Patient)
  WITH patient.person_id AS person_id, rung
  WHERE size($person_ids) = 0 OR person_id IN $person_ids
  UNWIND rung AS one
  WITH person_id,
       count(DISTINCT one[0]) AS days,
       count(DISTINCT CASE WHEN one[3] > 1 THEN one[0] END) AS two_days,
       collect(DISTINCT one[1]) AS device_ids,
       collect(DISTINCT one[2]) AS setl_ids
  WHERE days >= $min_days
  RETURN person_id, days, two_days, device_ids, setl_ids
}
WITH staff.staff_id AS staff_id, person_id, days, two_days, device_ids, setl_ids
RETURN staff_id, person_id, days, two_days, device_ids, setl_ids
ORDER BY days DESC, staff_id, person_id
