/*
title    = "People between two rings"
question = "Who belongs to, or is a validated pair with members of, {min_rings} or more rings?"
honest   = "One group that was split in two by mistake; a carer or a village doctor's assistant who fetches medicine for several families."
unknown  = "Rings and validated pairs are those of the last run; without one nothing comes back. Settlements are shown where the rings have places; stays and what was reversed in full are left out."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id"]
sources  = [
  "Hangzhou Xihu procuratorate: people shared between places; 289 holders, 135 institutions, 30 cases",
  "Pu'er, Kunming, Shenzhen, 2022: three tiers of dealers; target the middleman",
]

[members]
Patient = "person_id"
Ring    = "ring_ids"

[columns]
person_id = "who stands between them (pseudonym)"
rings     = "different rings"
member_of = "those of them this person belongs to"
met       = "members of these rings met in validated pairs (people)"
ring_ids  = "the rings"
setl_ids  = "this person's settlements at the places of these rings"

[params.min_rings]
default = 2
least   = 2
unit    = "rings"
meaning = "fewest rings worth a look"
*/
CALL () {
  MATCH (patient:Patient)-[:MEMBER_OF]->(ring:Ring)
  RETURN patient, ring, null AS met
  UNION
  MATCH (ring:Ring)<-[:MEMBER_OF]-(member:Patient)-[:HOLDS]->(:Card)-[:SWIPED_WITH]-(card:Card)
  MATCH (card)<-[:HOLDS]-(patient:Patient)
  WHERE patient <> member
  RETURN patient, ring, member.person_id AS met
}
WITH patient,
     collect(DISTINCT ring) AS rings,
     count(DISTINCT CASE WHEN met IS NULL THEN ring.ring_id END) AS member_of,
     count(DISTINCT met) AS met
WHERE size(rings) >= $min_rings
CALL (patient, rings) {
  UNWIND rings AS ring
  OPTIONAL MATCH (ring)<-[:MEMBER_OF]-(place)
  WHERE place.place_id IS NOT NULL
  WITH patient, collect(DISTINCT ring.ring_id) AS ring_ids, collect(DISTINCT place.place_id) AS places
  OPTIONAL MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(:Device)-[:INSTALLED_AT]->(at)
  WHERE at.place_id IN places AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
  RETURN ring_ids, collect(DISTINCT swipe.setl_id) AS setl_ids
}
RETURN patient.person_id AS person_id,
       size(rings) AS rings,
       member_of,
       met,
       ring_ids,
       setl_ids
ORDER BY size(ring_ids) DESC, person_id
