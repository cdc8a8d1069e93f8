/*
title    = "One operator at two terminals"
question = "Which clerks' numbers were used at two terminals within {window_seconds} seconds on {min_days} or more different days?"
honest   = "Two terminals stand side by side at one counter; a colleague stands in for a moment under a log-in left open; clocks of two terminals differ."
unknown  = "Settlements without a clerk, or of a kiosk, are not counted, nor are those reversed in full. Where no terminal was delivered the clerk stands for it, and a number is never seen at two."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id"]
sources  = [
  "A hospital worker (national administration, 2023) keeps patients' cards and settles them under a colleague's number",
  "Detection signature 10, staff number: one number at two places",
]

[members]
Staff   = "staff_id"
Device  = "device_ids"
Patient = "person_ids"

[columns]
staff_id   = "the clerk whose number it is"
days       = "different days"
places     = "different places of these terminals"
device_ids = "the terminals"
person_ids = "whose cards were swiped (pseudonyms)"
setl_ids   = "settlements with another at another terminal within the time"

[params.window_seconds]
default = 60
least   = 0
unit    = "seconds"
meaning = "longest time between two of them"

[params.min_days]
default = 3
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"
*/
MATCH (staff:Staff)
WHERE staff.least_gap <= $window_seconds
CALL (staff) {
  MATCH (staff)-[:RANG_UP]->(card:Card)-[swipe:SWIPED_AT]->(device:Device)
  WHERE swipe.clerk_id = staff.staff_id AND swipe.clerk_gap <= $window_seconds
  MATCH (card)<-[:HOLDS]-(patient:Patient)
  OPTIONAL MATCH (device)-[:INSTALLED_AT]->(place)
  WITH count(DISTINCT swipe.day) AS days,
       count(DISTINCT place.place_id) AS places,
       collect(DISTINCT device.device_id) AS device_ids,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT swipe.setl_id) AS setl_ids
  WHERE days >= $min_days
  RETURN days, places, device_ids, person_ids, setl_ids
}
RETURN staff.staff_id AS staff_id,
       days,
       places,
       device_ids,
       person_ids,
       setl_ids
ORDER BY days DESC, staff_id
