/*
title    = "Charged, charged back, charged again"
question = "Which people had {min_cycles} or more charges at one place reversed in full and were charged there again later on the same day?"
honest   = "A cashier who mistypes refunds and charges again; a charge sent twice is reversed once; a system fault makes a whole place do so on one day."
unknown  = "The graph knows that a charge was reversed, not when: the refund may have come after the next charge. Partial refunds and stays are not counted. Where times are known only to the day the order of a day's charges is that of their numbers."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id", "place_id"]
sources  = ["Lanzhou and Wuhan pharmacies, 2025: refund after 10 minutes, 14 cycles in 2 months, 70,000 yuan"]

[members]
Patient = "person_id"
Card    = "card_ids"
Device  = "device_ids"

[columns]
person_id  = "who was charged (pseudonym)"
place_id   = "the place"
cycles     = "charges reversed in full that a further charge followed on the same day"
days       = "different days of these reversed charges"
card_ids   = "the cards"
device_ids = "the terminals"
setl_ids   = "the reversed charges and those that followed them"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "charges of these people only; empty means anyone"

[params.place_ids]
default = []
least   = 0
unit    = "place keys"
meaning = "charges at these places only; empty means any"

[params.min_cycles]
default = 3
least   = 1
unit    = "times"
meaning = "fewest cycles of one person at one place worth a look"

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
  UNWIND $person_ids AS named
  MATCH (patient:Patient {person_id: named})
  RETURN patient
  UNION
  UNWIND CASE WHEN size($person_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (charged:Card)<-[:HOLDS]-(patient:Patient)
  WHERE charged.reversed > 0
  WITH patient, sum(charged.reversed) AS reversed
  WHERE reversed >= $min_cycles
  RETURN patient
}
CALL (patient) {
  MATCH (patient)-[:HOLDS]->(card:Card)-[swipe:SWIPED_AT]->(device:Device)-[:INSTALLED_AT]->(place)
  WHERE swipe.kind <> 'inpatient'
    AND swipe.day >= $from_day AND swipe.day <= $until_day
    AND (size($place_ids) = 0 OR place.place_id IN $place_ids)
  WITH place.place_id AS place_id, swipe.day AS day,
       collect([swipe.at, swipe.setl_id, swipe.refunded, card.card_id, device.device_id]) AS swipes
  WHERE size(swipes) > 1
  UNWIND [swipe IN swipes WHERE swipe[2]] AS first
  UNWIND [swipe IN swipes
          WHERE swipe[0] > first[0] OR (swipe[0] = first[0] AND swipe[1] > first[1])] AS again
  WITH place_id,
       count(DISTINCT first[1]) AS cycles,
       count(DISTINCT day) AS days,
       collect([first, again]) AS rounds
  WHERE cycles >= $min_cycles
  UNWIND rounds AS round
  UNWIND round AS swipe
  RETURN place_id, cycles, days,
         collect(DISTINCT swipe[3]) AS card_ids,
         collect(DISTINCT swipe[4]) AS device_ids,
         collect(DISTINCT swipe[1]) AS setl_ids
}
RETURN patient.person_id AS person_id,
       place_id,
       cycles,
       days,
       card_ids,
       device_ids,
       setl_ids
ORDER BY cycles DESC, person_id, place_id
