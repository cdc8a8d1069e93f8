/*
title    = "Bills a minute apart"
question = "Which practitioners signed {min_bills} or more settlements in a day no more than {window_seconds} seconds after that of another patient, on {min_days} or more days?"
honest   = "A clinic that bills its morning at noon; prescriptions renewed in one go; one number under which a team signs."
unknown  = "Settlements without a practitioner are not counted, nor are those reversed in full. Where times are known only to the day, every bill follows the last at once."
subject  = { label = "Doctor", column = "practitioner_id" }
identity = ["practitioner_id"]
sources  = [
  "Behaviour B23, invented services: bills 60 seconds apart",
  "Shanghai Jiading, 2024: 50,000 visits in two years, 22 of 40 doctors",
]

[members]
Doctor  = "practitioner_id"
Patient = "person_ids"

[columns]
practitioner_id = "whose number it is"
days            = "days with so many"
bills           = "such settlements on these days"
busiest         = "most of them on one day"
place_ids       = "the places"
person_ids      = "the patients (pseudonyms)"
setl_ids        = "the settlements"

[params.window_seconds]
default = 60
least   = 0
unit    = "seconds"
meaning = "longest time between two of them"

[params.min_bills]
default = 5
least   = 1
unit    = "settlements"
meaning = "fewest such settlements in a day worth a look"

[params.min_days]
default = 2
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"
*/
MATCH (doctor:Doctor)
CALL (doctor) {
  MATCH (doctor)-[signed:PRESCRIBED_FOR]->(patient:Patient)
  WHERE signed.gap <= $window_seconds AND NOT signed.refunded
  WITH signed.day AS day,
       collect([signed.setl_id, signed.place_id, patient.person_id]) AS billed
  WHERE size(billed) >= $min_bills
  WITH count(day) AS days, max(size(billed)) AS busiest, collect(billed) AS all_days
  WHERE days >= $min_days
  UNWIND all_days AS billed
  UNWIND billed AS bill
  RETURN days, busiest,
         collect(DISTINCT bill[0]) AS setl_ids,
         collect(DISTINCT bill[1]) AS place_ids,
         collect(DISTINCT bill[2]) AS person_ids
}
RETURN doctor.practitioner_id AS practitioner_id,
       days,
       size(setl_ids) AS bills,
       busiest,
       place_ids,
       person_ids,
       setl_ids
ORDER BY days DESC, practitioner_id
