/*
title    = "Cards that move between two pharmacies"
question = "Between which two pharmacies did {min_people} or more of the same people go on one day, on {min_days} or more days?"
honest   = "Two shops of one street, one of which is out of stock; a clinic's own pharmacy and the one beside it; a family that does its round."
unknown  = "Only people who are swiped at two places on so many days are looked at. Which pharmacy came first is not asked. What was reversed in full is left out."
subject  = { label = "Pharmacy", column = "place_a" }
identity = ["place_a", "place_b"]
sources  = [
  "Shanghai Baoshan, 2023: one person carries a bundle of rented cards to several places; 28 suspects, 40 cards",
  "Detection, rotating lockstep: a set of cards that moves together through several places",
]

[members]
Pharmacy = "place_ids"
Patient  = "person_ids"

[columns]
place_a    = "one pharmacy, first in the order of keys"
place_b    = "the other"
days       = "days on which so many went to both"
people     = "different people on these days"
place_ids  = "the two of them"
person_ids = "those people (pseudonyms)"
setl_ids   = "their settlements there on these days"

[params.min_people]
default = 3
least   = 2
unit    = "people"
meaning = "fewest people worth a look"

[params.min_days]
default = 2
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"
*/
MATCH (patient:Patient)
WHERE patient.double_days >= $min_days
CALL (patient) {
  MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device:Device)
  WHERE swipe.kind <> 'inpatient' AND NOT swipe.refunded
  MATCH (device)-[:INSTALLED_AT]->(shop:Pharmacy)
  WITH swipe.day AS day, shop.place_id AS place_id, collect(DISTINCT swipe.setl_id) AS numbers
  WITH day, collect([place_id, numbers]) AS shops
  WHERE size(shops) > 1
  UNWIND shops AS one
  UNWIND shops AS other
  WITH day, one, other
  WHERE one[0] < other[0]
  WITH one[0] AS place_a, other[0] AS place_b, collect([day, one[1] + other[1]]) AS rounds
  WHERE size(rounds) >= $min_days
  RETURN place_a, place_b, rounds
}
WITH place_a, place_b, patient.person_id AS person_id, rounds
UNWIND rounds AS round
WITH place_a, place_b, round[0] AS day, collect([person_id, round[1]]) AS gone
WHERE size(gone) >= $min_people
WITH place_a, place_b, count(day) AS days, collect(gone) AS all_days
WHERE days >= $min_days
UNWIND all_days AS gone
UNWIND gone AS one
UNWIND one[1] AS setl_id
WITH place_a, place_b, days,
     collect(DISTINCT one[0]) AS person_ids,
     collect(DISTINCT setl_id) AS setl_ids
RETURN place_a,
       place_b,
       days,
       size(person_ids) AS people,
       [place_a, place_b] AS place_ids,
       person_ids,
       setl_ids
ORDER BY days DESC, place_a, place_b
