/*
title    = "One drug from many places"
question = "Who bought one drug of the resale list at {min_places} or more places within {window_days} days?"
honest   = "A journey, a move, or a drug in short supply of which each shop sells one box; a chronic patient whose doctors do not know of each other."
unknown  = "Only drugs of the resale list are looked at, and lines with a trace code. Returns and what was reversed in full are left out; how long a box lasts is not asked."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id", "drug"]
sources  = [
  "Current focus, 2026: repeat buying of resale-prone drugs across institutions in a short time",
  "Shenzhen, 2019 to 2020: one card swiped 42 times a month in small pharmacies",
]

[members]
Patient = "person_id"
Drug    = "drug"
Card    = "card_ids"

[columns]
person_id = "who bought it (pseudonym)"
drug      = "the drug"
places    = "different places in these windows"
boxes     = "different boxes"
place_ids = "the places"
card_ids  = "the cards"
setl_ids  = "the settlements in windows with so many places"

[params.window_days]
default = 30
least   = 1
unit    = "days"
meaning = "length of the window"

[params.min_places]
default = 4
least   = 2
unit    = "places"
meaning = "fewest different places within a window"
*/
MATCH (drug:Drug)
WHERE drug.resale
CALL (drug) {
  MATCH (drug)<-[:IS_DRUG]-(box:Box)<-[bought:BOUGHT]-(card:Card)
  WHERE NOT bought.refunded AND NOT coalesce(bought.returned, false)
  WITH card, collect([bought.at, bought.place_id, bought.setl_id, box.code]) AS sales
  MATCH (card)<-[:HOLDS]-(patient:Patient)
  UNWIND sales AS sale
  WITH patient.person_id AS person_id,
       count(DISTINCT sale[1]) AS places,
       collect(sale + [card.card_id]) AS sales
  WHERE places >= $min_places
  UNWIND sales AS first
  UNWIND [sale IN sales
          WHERE sale[0] >= first[0] AND sale[0] <= first[0] + $window_days * 86400] AS sale
  WITH person_id, first[2] AS setl_id, first[0] AS at,
       count(DISTINCT sale[1]) AS places, collect(sale) AS within
  WHERE places >= $min_places
  UNWIND within AS sale
  RETURN person_id,
         count(DISTINCT sale[3]) AS boxes,
         collect(DISTINCT sale[1]) AS place_ids,
         collect(DISTINCT sale[4]) AS card_ids,
         collect(DISTINCT sale[2]) AS setl_ids
}
RETURN person_id,
       drug.code AS drug,
       size(place_ids) AS places,
       boxes,
       place_ids,
       card_ids,
       setl_ids
ORDER BY places DESC, person_id, drug
