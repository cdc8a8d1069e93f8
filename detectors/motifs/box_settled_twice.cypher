/*
title    = "One box settled twice"
question = "Which medicine boxes, by trace code, were settled with {min_cards} or more cards at {min_places} or more places?"
honest   = "A code typed by hand or scanned from a display box; a wholesale code printed on several boxes; packs that were split or returned without being marked."
unknown  = "Split packs, returns and refunds are left out where they are marked. Lines without a trace code are not counted."
subject  = { label = "Box", column = "box" }
identity = ["box"]
sources  = [
  "Jiangxi, 2024 to 2025: codes scanned twice or more, 11,869 leads in three months",
  "Ulanqab and Dezhou, 2025: a clinic buys back boxes settled weeks earlier elsewhere; one code settled 8 times",
]

[members]
Box     = "box"
Drug    = "drugs"
Card    = "card_ids"
Patient = "person_ids"

[columns]
box        = "the trace code"
drugs      = "the drug codes under which it was settled; more than one speaks for a mistyped code"
cards      = "different cards"
places     = "different places"
first      = "when it was first settled (seconds since 1970-01-01 local)"
last       = "when it was last settled (seconds since 1970-01-01 local)"
place_ids  = "those places"
card_ids   = "those cards"
person_ids = "who holds these cards (pseudonyms)"
setl_ids   = "the settlements"

[params.boxes]
default = []
least   = 0
unit    = "trace codes"
meaning = "these boxes only; empty means any"

[params.min_cards]
default = 2
least   = 1
unit    = "cards"
meaning = "fewest different cards"

[params.min_places]
default = 2
least   = 1
unit    = "places"
meaning = "fewest different places"
*/
CALL () {
  UNWIND $boxes AS named
  MATCH (box:Box {code: named})
  RETURN box
  UNION
  UNWIND CASE WHEN size($boxes) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (box:Box)
  WHERE box.cards >= $min_cards AND box.places >= $min_places
  RETURN box
}
CALL (box) {
  MATCH (box)<-[bought:BOUGHT]-(card:Card)
  WHERE NOT coalesce(bought.split, false) AND NOT coalesce(bought.returned, false)
    AND NOT bought.refunded
  WITH min(bought.at) AS first,
       max(bought.at) AS last,
       collect(DISTINCT bought.place_id) AS place_ids,
       collect(DISTINCT card) AS cards,
       collect(DISTINCT bought.setl_id) AS setl_ids
  WHERE size(cards) >= $min_cards AND size(place_ids) >= $min_places
  UNWIND cards AS card
  OPTIONAL MATCH (card)<-[:HOLDS]-(holder:Patient)
  RETURN first, last, place_ids, setl_ids,
         collect(DISTINCT card.card_id) AS card_ids,
         collect(DISTINCT holder.person_id) AS person_ids
}
RETURN box.code AS box,
       COLLECT { MATCH (box)-[:IS_DRUG]->(drug:Drug) RETURN drug.code } AS drugs,
       size(card_ids) AS cards,
       size(place_ids) AS places,
       first,
       last,
       place_ids,
       card_ids,
       person_ids,
       setl_ids
ORDER BY cards DESC, places DESC, box
