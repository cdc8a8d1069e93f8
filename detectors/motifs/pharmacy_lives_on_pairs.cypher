/*
title    = "A pharmacy that lives on validated pairs"
question = "In which pharmacies are {min_people} or more people members of validated pairs and make {min_share} % or more of the settlements?"
honest   = "A small shop beside a care home or a dialysis unit lives on people who come together; a village with one shop."
unknown  = "Rings and validated pairs are those of the last run; without one nothing comes back. A pair is validated from where its people met, which need not be this pharmacy. Stays and what was reversed in full are left out."
subject  = { label = "Pharmacy", column = "place_id" }
identity = ["place_id"]
sources  = [
  "Lanzhou and Wuhan pharmacies, 2025: 196 swipes a day, fewer than 30 visitors",
  "Hangzhou Xihu procuratorate: seed holders, pharmacies, all their cards",
]

[members]
Pharmacy = "place_id"
Card     = "card_ids"
Patient  = "person_ids"

[columns]
place_id    = "the pharmacy"
people      = "people in validated pairs swiped there"
paired      = "settlements of their paired cards there"
settlements = "all settlements there"
share       = "paired of all (whole per cent)"
card_ids    = "the paired cards"
person_ids  = "who holds them (pseudonyms)"
setl_ids    = "the settlements of the paired cards"

[params.min_people]
default = 5
least   = 2
unit    = "people"
meaning = "fewest people worth a look"

[params.min_share]
default = 25
least   = 1
unit    = "per cent"
meaning = "smallest share of the settlements worth a look"
*/
MATCH (card:Card)-[:SWIPED_WITH]-(:Card)
WITH DISTINCT card
CALL (card) {
  MATCH (card)-[swipe:SWIPED_AT]->(device:Device)-[:INSTALLED_AT]->(shop:Pharmacy)
  WHERE swipe.kind <> 'inpatient' AND NOT swipe.refunded
  WITH shop, collect(swipe.setl_id) AS numbers
  RETURN shop, numbers
}
WITH shop, collect([card, numbers]) AS pairs
CALL (shop, pairs) {
  UNWIND pairs AS pair
  UNWIND pair[1] AS setl_id
  WITH shop, pair[0] AS card, collect(setl_id) AS numbers
  MATCH (card)<-[:HOLDS]-(patient:Patient)
  UNWIND numbers AS setl_id
  WITH shop,
       collect(DISTINCT card.card_id) AS card_ids,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_people
  MATCH (shop)<-[:INSTALLED_AT]-(:Device)<-[swipe:SWIPED_AT]-(:Card)
  WHERE swipe.kind <> 'inpatient' AND NOT swipe.refunded
  WITH card_ids, person_ids, setl_ids, count(swipe.setl_id) AS settlements
  WHERE size(setl_ids) * 100 >= settlements * $min_share
  RETURN card_ids, person_ids, setl_ids, settlements
}
RETURN shop.place_id AS place_id,
       size(person_ids) AS people,
       size(setl_ids) AS paired,
       settlements,
       size(setl_ids) * 100 / settlements AS share,
       card_ids,
       person_ids,
       setl_ids
ORDER BY share DESC, place_id
