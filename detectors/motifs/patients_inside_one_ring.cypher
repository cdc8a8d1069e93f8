/*
title    = "A doctor's patients inside one ring"
question = "For which practitioners do {min_patients} or more patients, and {min_share} % or more of what they signed, belong to one ring?"
honest   = "A ring that is a mistake may be the whole practice of a village doctor; a specialist sees the patients that share a disease."
unknown  = "Rings and validated pairs are those of the last run; without one nothing comes back. Settlements without a practitioner are not counted, nor are those reversed in full."
subject  = { label = "Doctor", column = "practitioner_id" }
identity = ["practitioner_id", "ring_id"]
sources  = [
  "Detection signature 10: a doctor's patients mostly inside one group",
  "Beijing community station, 2011 to 2017: the same doctors, cards in rotation",
]

[members]
Doctor  = "practitioner_id"
Ring    = "ring_id"
Patient = "person_ids"

[columns]
practitioner_id = "whose number it is"
ring_id         = "the ring"
patients        = "patients of the ring"
settlements     = "settlements signed for them"
share           = "these of all that the number signed (whole per cent)"
person_ids      = "those patients (pseudonyms)"
setl_ids        = "the settlements"

[params.min_patients]
default = 3
least   = 2
unit    = "people"
meaning = "fewest patients worth a look"

[params.min_share]
default = 30
least   = 1
unit    = "per cent"
meaning = "smallest share worth a look"
*/
MATCH (ring:Ring)<-[:MEMBER_OF]-(patient:Patient)
WITH ring, collect(DISTINCT patient) AS people
CALL (people) {
  UNWIND people AS patient
  MATCH (patient)<-[signed:PRESCRIBED_FOR]-(doctor:Doctor)
  WHERE NOT signed.refunded
  WITH doctor,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT signed.setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_patients
  RETURN doctor, person_ids, setl_ids
}
CALL (doctor) {
  MATCH (doctor)-[site:SIGNED_AT]->()
  RETURN sum(site.settlements) AS signed
}
WITH ring, doctor, person_ids, setl_ids, signed
WHERE size(setl_ids) * 100 >= signed * $min_share
RETURN doctor.practitioner_id AS practitioner_id,
       ring.ring_id AS ring_id,
       size(person_ids) AS patients,
       size(setl_ids) AS settlements,
       size(setl_ids) * 100 / signed AS share,
       person_ids,
       setl_ids
ORDER BY patients DESC, practitioner_id, ring_id
