/*
title    = "Swipe, refund, swipe again"
question = "Which cards had a charge reversed in full and were charged again at the same terminal within {window_seconds} seconds, {min_cycles} or more times?"
honest   = "A cashier who mistypes refunds and charges again; a charge sent twice is reversed once; a system fault makes a whole counter do so on one day."
unknown  = "The graph knows that a charge was reversed, not when: the refund may have come after the second charge. Partial refunds are not counted. Where the terminal was not delivered, clerk or place stand for it."
subject  = { label = "Card", column = "card_id" }
identity = ["card_id", "device_id"]
sources  = ["Lanzhou and Wuhan pharmacies, 2025: refund after 10 minutes, 14 cycles in 2 months, 70,000 yuan"]

[members]
Card    = "card_id"
Device  = "device_id"
Patient = "person_ids"

[columns]
card_id    = "the card"
device_id  = "the terminal"
cycles     = "reversed charges that a further charge followed within the window"
days       = "different days of these reversed charges"
person_ids = "who holds the card (pseudonyms)"
setl_ids   = "the reversed charges and those that followed"

[params.min_cycles]
default = 3
least   = 1
unit    = "times"
meaning = "fewest cycles worth a look"

[params.window_seconds]
default = 1800
least   = 1
unit    = "seconds"
meaning = "longest time from a reversed charge to the next one"
*/
MATCH (card:Card)
WHERE card.reversed >= $min_cycles
CALL (card) {
  MATCH (card)-[swipe:SWIPED_AT]->(device:Device)
  WITH device, collect(swipe) AS swipes
  UNWIND [swipe IN swipes WHERE swipe.refunded] AS first
  UNWIND swipes AS again
  WITH device, first, again
  WHERE first.at < again.at AND again.at - first.at <= $window_seconds
  WITH device,
       count(DISTINCT first.setl_id) AS cycles,
       count(DISTINCT first.day) AS days,
       collect([first.setl_id, again.setl_id]) AS rounds
  WHERE cycles >= $min_cycles
  UNWIND rounds AS round
  UNWIND round AS setl_id
  RETURN device.device_id AS device_id, cycles, days, collect(DISTINCT setl_id) AS setl_ids
}
RETURN card.card_id AS card_id,
       device_id,
       cycles,
       days,
       COLLECT { MATCH (card)<-[:HOLDS]-(holder:Patient) RETURN holder.person_id } AS person_ids,
       setl_ids
ORDER BY cycles DESC, card_id, device_id
