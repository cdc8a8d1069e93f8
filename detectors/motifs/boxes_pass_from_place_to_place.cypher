/*
title    = "Boxes that pass from place to place"
question = "From which place to which other were {min_boxes} or more boxes settled first at the one and later at the other?"
honest   = "Two shops of one chain share a stock whose codes are scanned at the wrong counter; wholesale codes printed on several boxes."
unknown  = "Split packs, returns and refunds are left out where they are marked. Lines without a trace code are not counted; where a box lay between two sales is not known."
subject  = { label = "Box", column = "first_box" }
identity = ["from_place", "to_place"]
sources  = [
  "Ulanqab and Dezhou, 2025: a clinic buys back boxes settled weeks earlier elsewhere",
  "Detection, trace loops: directed place graph, the same cards keep feeding the same place",
]

[members]
Box  = "box_ids"
Card = "card_ids"

[columns]
from_place = "where they were settled first"
to_place   = "where they were settled later"
boxes      = "different boxes"
back       = "boxes that went the other way"
further    = "those of the boxes settled at a third place too"
least_days = "shortest time from the one to the other (whole days)"
first_box  = "the first of the boxes in the order of codes"
box_ids    = "the boxes (trace codes)"
card_ids   = "the cards they were settled with"
setl_ids   = "the settlements"

[params.min_boxes]
default = 3
least   = 1
unit    = "boxes"
meaning = "fewest boxes worth a look"
*/
MATCH (box:Box)
WHERE box.places >= 2
CALL (box) {
  MATCH (box)<-[bought:BOUGHT]-(card:Card)
  WHERE NOT coalesce(bought.split, false) AND NOT coalesce(bought.returned, false)
    AND NOT bought.refunded
  WITH collect([bought.place_id, bought.at, bought.setl_id, card.card_id]) AS sales
  UNWIND sales AS early
  UNWIND sales AS late
  WITH early, late
  WHERE early[0] <> late[0] AND early[1] < late[1]
  RETURN early[0] AS from_place, late[0] AS to_place,
         min((late[1] - early[1]) / 86400) AS least_days,
         collect(early) + collect(late) AS sales
}
WITH from_place, to_place,
     min(least_days) AS least_days,
     collect([box.code, box.places, sales]) AS passed
WITH collect([from_place, to_place, least_days, passed]) AS flows
UNWIND [flow IN flows WHERE size(flow[3]) >= $min_boxes] AS flow
CALL (flow) {
  UNWIND flow[3] AS one
  UNWIND one[2] AS sale
  RETURN min(one[0]) AS first_box,
         collect(DISTINCT one[0]) AS box_ids,
         count(DISTINCT CASE WHEN one[1] > 2 THEN one[0] END) AS further,
         collect(DISTINCT sale[3]) AS card_ids,
         collect(DISTINCT sale[2]) AS setl_ids
}
RETURN flow[0] AS from_place,
       flow[1] AS to_place,
       size(box_ids) AS boxes,
       reduce(n = 0, other IN flows |
              CASE WHEN other[0] = flow[1] AND other[1] = flow[0] THEN size(other[3]) ELSE n END)
         AS back,
       further,
       flow[2] AS least_days,
       first_box,
       box_ids,
       card_ids,
       setl_ids
ORDER BY boxes DESC, from_place, to_place
