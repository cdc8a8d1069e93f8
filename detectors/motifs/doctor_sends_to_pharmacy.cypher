/*
title    = "Doctor sends to a pharmacy"
question = "Which doctors' prescriptions, or visits to them, led {min_patients} or more patients to one pharmacy on the same day?"
honest   = "The nearest pharmacy, the only one that is open or stocks the drug, or one beside the institution that everybody uses."
unknown  = "A prescription without a doctor is not counted. Which of two events of one day came first is not asked, since times may be uploaded in batches; a purchase counts on the day of a visit whoever prescribed it. What was reversed in full is left out."
subject  = { label = "Doctor", column = "practitioner_id" }
identity = ["practitioner_id", "place_id"]
sources  = [
  "Beijing community station, 2011 to 2017 (Supreme People's Court, typical cases 2021): the same doctors, one pharmacy, cards in rotation",
  "Behaviours B07, B30 and B32: prescriptions padded and filled at one pharmacy",
]

[members]
Doctor   = "practitioner_id"
Pharmacy = "place_id"
Patient  = "person_ids"

[columns]
practitioner_id = "the doctor"
place_id   = "the pharmacy"
patients   = "different patients (people)"
prescribed = "settlements there that name the doctor"
followed   = "other settlements there on the day the patient saw the doctor at an institution"
person_ids = "those patients (pseudonyms)"
setl_ids   = "the settlements at the pharmacy"

[params.doctor_ids]
default = []
least   = 0
unit    = "doctor keys"
meaning = "these doctors only; empty means any"

[params.place_ids]
default = []
least   = 0
unit    = "place keys"
meaning = "these pharmacies only; empty means any"

[params.min_patients]
default = 3
least   = 1
unit    = "people"
meaning = "fewest patients worth a look"

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
  UNWIND $doctor_ids AS named
  MATCH (doctor:Doctor {practitioner_id: named})
  RETURN doctor
  UNION
  UNWIND CASE WHEN size($doctor_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (doctor:Doctor)
  RETURN doctor
}
CALL (doctor) {
  CALL (doctor) {
    MATCH (doctor)-[sent:PRESCRIBED_FOR]->(patient:Patient)
    WHERE NOT sent.refunded AND sent.day >= $from_day AND sent.day <= $until_day
      AND (size($place_ids) = 0 OR sent.place_id IN $place_ids)
    WITH sent.place_id AS sent_to, collect([patient.person_id, sent.setl_id]) AS sold
    MATCH (shop:Pharmacy {place_id: sent_to})
    UNWIND sold AS one
    RETURN shop.place_id AS place_id, one[0] AS person_id, one[1] AS setl_id, 1 AS named
    UNION ALL
    MATCH (doctor)-[seen:PRESCRIBED_FOR]->(patient:Patient)
    WHERE NOT seen.refunded AND seen.shops > 0
      AND seen.day >= $from_day AND seen.day <= $until_day
    WITH seen.place_id AS seen_at, collect([patient, seen.day]) AS met
    MATCH (house:Institution {place_id: seen_at})
    UNWIND met AS one
    WITH one[0] AS patient, collect(DISTINCT one[1]) AS days
    MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device:Device)
    WHERE swipe.day IN days AND NOT swipe.refunded
    MATCH (device)-[:INSTALLED_AT]->(shop:Pharmacy)
    WHERE size($place_ids) = 0 OR shop.place_id IN $place_ids
    RETURN shop.place_id AS place_id, patient.person_id AS person_id, swipe.setl_id AS setl_id,
           0 AS named
  }
  // One settlement may be found both ways: it is then prescribed.
  WITH place_id, person_id, setl_id, max(named) AS named
  WITH place_id,
       collect(DISTINCT person_id) AS person_ids,
       collect(DISTINCT CASE WHEN named = 1 THEN setl_id END) AS prescribed,
       collect(DISTINCT setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_patients
  RETURN place_id, person_ids, size(prescribed) AS prescribed, setl_ids
}
RETURN doctor.practitioner_id AS practitioner_id,
       place_id,
       size(person_ids) AS patients,
       prescribed,
       size(setl_ids) - prescribed AS followed,
       person_ids,
       setl_ids
ORDER BY patients DESC, practitioner_id, place_id
