/*
title    = "The same basket in one session"
question = "Where did {min_people} or more people on one day buy the same set of two or more drugs, each within {window_seconds} seconds of another?"
honest   = "A chronic-disease day hands out standard sets; a couple takes the same medicine; a promotion sells sets."
unknown  = "Only drugs of the resale list, and those whose box was settled twice, are known in the graph, so baskets that differ in other goods look the same. Returns and what was reversed in full are left out."
subject  = { label = "Patient", column = "first_person" }
identity = ["place_id", "day", "basket"]
sources  = [
  "Detection signature 4, basket similarity on resale-prone drugs",
  "Behaviours B01 and B07: same basket, same set of cards",
]

[members]
Patient = "person_ids"
Card    = "card_ids"

[columns]
place_id     = "the place"
day          = "the day (days since 1970-01-01)"
basket       = "codes of the drugs, joined by +"
people       = "different people"
first_person = "the first of them in the order of keys (pseudonym)"
card_ids     = "the cards"
person_ids   = "those people (pseudonyms)"
setl_ids     = "the settlements"

[params.window_seconds]
default = 1800
least   = 0
unit    = "seconds"
meaning = "longest time between two of them"

[params.min_people]
default = 3
least   = 2
unit    = "people"
meaning = "fewest people worth a look"
*/
MATCH (box:Box)
CALL (box) {
  MATCH (box)<-[bought:BOUGHT]-(card:Card)
  WHERE bought.basket IS NOT NULL AND NOT bought.refunded
    AND NOT coalesce(bought.returned, false)
  RETURN bought.place_id AS place_id, bought.at / 86400 AS day, bought.basket AS basket,
         card, bought.at AS at, bought.setl_id AS setl_id
}
WITH place_id, day, basket, collect(DISTINCT [card.card_id, at, setl_id]) AS sold
WHERE size(sold) >= 2
CALL (sold) {
  UNWIND sold AS sale
  MATCH (card:Card {card_id: sale[0]})<-[:HOLDS]-(patient:Patient)
  WITH collect([patient.person_id, sale[1], sale[2], sale[0]]) AS taken
  UNWIND taken AS one
  WITH one, [other IN taken
             WHERE other[0] <> one[0] AND other[2] <> one[2]
               AND abs(other[1] - one[1]) <= $window_seconds] AS near
  WHERE size(near) > 0
  WITH min(one[0]) AS first_person,
       collect(DISTINCT one[0]) AS person_ids,
       collect(DISTINCT one[3]) AS card_ids,
       collect(DISTINCT one[2]) AS setl_ids
  WHERE size(person_ids) >= $min_people
  RETURN first_person, person_ids, card_ids, setl_ids
}
RETURN place_id,
       day,
       basket,
       size(person_ids) AS people,
       first_person,
       card_ids,
       person_ids,
       setl_ids
ORDER BY people DESC, place_id, day, basket
