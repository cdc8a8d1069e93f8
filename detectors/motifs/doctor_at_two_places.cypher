/*
title    = "One doctor's number at two institutions"
question = "Which practitioners' numbers sign settlements on {min_days} or more days at an institution beside another one, or where they are not registered?"
honest   = "Several registered sites, a medical alliance, weekly clinics at a township hospital and a move are all lawful; registers lag behind."
unknown  = "With no registration of the practitioner on record registered is empty, and only numbers that sign at two institutions are shown. Settlements without a practitioner are not counted, nor are those reversed in full, nor pharmacies."
subject  = { label = "Doctor", column = "practitioner_id" }
identity = ["practitioner_id", "place_id"]
sources  = ["Behaviour B36, lent licences (医师药师资格证书挂靠): one number at two sites at once or round the clock, never where it is registered"]

[members]
Doctor      = "practitioner_id"
Institution = "place_id"
Patient     = "person_ids"

[columns]
practitioner_id = "whose number it is"
place_id   = "an institution where it signs"
days       = "different days on which it signs there"
both_days  = "those on which it also signs at one of the others"
elsewhere  = "other institutions at which it signs on as many days"
registered = "whether it is registered at this institution; empty if no registration is on record"
person_ids = "the patients there (pseudonyms)"
setl_ids   = "the settlements it signed there"

[params.doctor_ids]
default = []
least   = 0
unit    = "doctor keys"
meaning = "these numbers only; empty means any"

[params.place_ids]
default = []
least   = 0
unit    = "place keys"
meaning = "rows of these institutions only; empty means any"

[params.min_days]
default = 3
least   = 1
unit    = "days"
meaning = "fewest days at the institution worth a look"

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
  MATCH (doctor:Doctor)-[often:SIGNED_AT]->(site:Institution)
  WHERE often.days >= $min_days
  WITH doctor, count(site) AS sites,
       sum(CASE WHEN EXISTS { (doctor)-[:REGISTERED_AT]->(site) } THEN 0 ELSE 1 END) AS strange
  WHERE sites > 1 OR strange > 0
  RETURN doctor
}
CALL (doctor) {
  MATCH (doctor)-[signed:PRESCRIBED_FOR]->(patient:Patient)
  WHERE NOT signed.refunded AND signed.day >= $from_day AND signed.day <= $until_day
  WITH signed.place_id AS place_id,
       collect(DISTINCT signed.day) AS days,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT signed.setl_id) AS setl_ids
  WHERE size(days) >= $min_days
  MATCH (place:Institution {place_id: place_id})
  WITH collect([place_id, days, person_ids, setl_ids]) AS sites
  UNWIND sites AS site
  WITH site, [other IN sites WHERE other[0] <> site[0] | other[1]] AS others
  WHERE size($place_ids) = 0 OR site[0] IN $place_ids
  RETURN site[0] AS place_id,
         size(site[1]) AS days,
         size([day IN site[1] WHERE any(there IN others WHERE day IN there)]) AS both_days,
         size(others) AS elsewhere,
         site[2] AS person_ids,
         site[3] AS setl_ids
}
WITH doctor.practitioner_id AS practitioner_id, place_id, days, both_days, elsewhere,
     CASE WHEN EXISTS { (doctor)-[:REGISTERED_AT]->() }
          THEN EXISTS { MATCH (doctor)-[:REGISTERED_AT]->(site) WHERE site.place_id = place_id }
     END AS registered,
     person_ids, setl_ids
WHERE elsewhere > 0 OR NOT registered
RETURN practitioner_id, place_id, days, both_days, elsewhere, registered, person_ids, setl_ids
ORDER BY days DESC, practitioner_id, place_id
