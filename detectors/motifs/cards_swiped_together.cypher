/*
title    = "Cards swiped together"
question = "Which people's cards were swiped at one terminal within {window_seconds} seconds of each other on {min_days} or more different days?"
honest   = "Couples and families shop together; a clinic day, a dialysis shift, a care home or a works bus brings the same people at the same hour; at a busy counter strangers meet."
unknown  = "Where the terminal was not delivered, the clerk stands for it, and where that is missing too, the whole place: strangers then seem to meet. Where times are known only to the day (day_precision), all swipes of a day meet; such places, and windows fuller than {most_at_once} swipes, are looked at only for named people. Settlements of stays and charges reversed in full are left out."
subject  = { label = "Patient", column = "person_a" }
identity = ["person_a", "person_b", "spot"]
sources  = [
  "Shanghai Jiading, 2024: about 30 cards brought by van, 3 to 7 a week, visits every 12 or 24 days, 2 or 3 people present",
  "Shanghai Baoshan, 2023: one person carries a bundle of rented cards to several places",
]

[members]
Patient = "person_ids"
Device  = "device_ids"

[columns]
person_a   = "one of the two, first in the order of keys (pseudonym)"
person_b   = "the other (pseudonym)"
spot       = "where they met: the terminal, or the place where its terminals count as one"
place_id   = "the place of that terminal, empty if it is not on record"
day_precision = "whether times there are known only to the day"
days       = "different days on which they met; the day is that of the earlier swipe"
meetings   = "pairs of swipes within the window"
device_ids = "the terminals at which they met"
person_ids = "the two of them"
setl_ids   = "the settlements of these swipes"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "meetings among these people only; empty means anyone"

[params.device_id]
default = ""
least   = 0
unit    = "terminal key"
meaning = "meetings at this terminal only; empty means any"

[params.whole_place]
default = 0
least   = 0
unit    = "0 or 1"
meaning = "1 counts all terminals of a place as one"

[params.window_seconds]
default = 600
least   = 0
unit    = "seconds"
meaning = "longest time between the two swipes"

[params.min_days]
default = 3
least   = 1
unit    = "days"
meaning = "fewest different days at one spot worth a look"

[params.most_at_once]
default = 100
least   = 2
unit    = "swipes"
meaning = "fullest two windows looked at when nobody is named; only a batch upload fills them more"

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
  // Known people: their own swipes are the anchor, however busy the terminals are.
  UNWIND $person_ids AS named
  WITH DISTINCT named AS person_id
  MATCH (patient:Patient {person_id: person_id})-[:HOLDS]->(:Card)
        -[swipe:SWIPED_AT]->(device:Device)
  WITH device, collect([person_id, swipe, device.device_id]) AS swipes
  RETURN device, swipes
  UNION ALL
  // Anyone: each terminal is the anchor, and its swipes are fetched below, one terminal at a time.
  UNWIND CASE WHEN size($person_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (device:Device)
  RETURN device, [] AS swipes
}
WITH device, swipes
WHERE $device_id = '' OR device.device_id = $device_id
OPTIONAL MATCH (device)-[:INSTALLED_AT]->(place)
WITH device, swipes, place, coalesce(place.day_precision, false) AS day_precision
WHERE size($person_ids) > 0 OR NOT day_precision
WITH place.place_id AS place_id,
     day_precision,
     CASE WHEN $whole_place = 0 OR place IS NULL THEN device.device_id
          ELSE place.place_id END AS spot,
     collect(device) AS devices,
     collect(swipes) AS known
CALL (devices, known, day_precision) {
  CALL (devices, known) {
    UNWIND known AS here
    UNWIND here AS one
    RETURN one[0] AS person, one[1] AS swipe, one[2] AS device_id
    UNION ALL
    UNWIND CASE WHEN size($person_ids) = 0 THEN devices ELSE [] END AS device
    MATCH (device)<-[visit:VISITED]-(patient:Patient)
    WITH patient, sum(visit.days) AS days, collect(device.device_id) AS here
    WHERE days >= $min_days
    MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device:Device)
    WHERE swipe.neighbour <= $window_seconds AND device.device_id IN here
    RETURN patient.person_id AS person, swipe, device.device_id AS device_id
  }
  WITH person, swipe, device_id,
       CASE WHEN day_precision THEN swipe.day * 86400 ELSE swipe.at END AS at
  WHERE swipe.day >= $from_day AND swipe.day <= $until_day
    AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
    AND (day_precision OR swipe.neighbour <= $window_seconds)
  WITH person,
       count(DISTINCT swipe.day) AS days,
       collect([person, at, swipe.day, swipe.setl_id, device_id]) AS swipes
  WHERE days >= $min_days
  // A swipe waits in its own slot of time and in the next, so no pair further apart is built.
  UNWIND swipes AS swipe
  WITH swipe, swipe[1] / ($window_seconds + 1) AS home
  UNWIND [home, home + 1] AS slot
  WITH slot, collect(swipe) AS near
  WHERE size(near) > 1 AND (size($person_ids) > 0 OR size(near) <= $most_at_once)
  UNWIND [swipe IN near WHERE swipe[1] / ($window_seconds + 1) = slot] AS late
  UNWIND [swipe IN near
          WHERE swipe[0] <> late[0]
            AND swipe[1] <= late[1] AND late[1] - swipe[1] <= $window_seconds
            AND (swipe[1] < late[1] OR swipe[0] < late[0])] AS early
  WITH CASE WHEN early[0] < late[0] THEN early[0] ELSE late[0] END AS person_a,
       CASE WHEN early[0] < late[0] THEN late[0] ELSE early[0] END AS person_b,
       collect(DISTINCT early[2]) AS days,
       collect([early, late]) AS pairs
  WHERE size(days) >= $min_days
  UNWIND pairs AS pair
  UNWIND pair AS swipe
  RETURN person_a,
         person_b,
         size(days) AS days,
         size(pairs) AS meetings,
         collect(DISTINCT swipe[4]) AS device_ids,
         collect(DISTINCT swipe[3]) AS setl_ids
}
WITH person_a, person_b, spot, place_id, day_precision, days, meetings, device_ids, setl_ids
RETURN person_a,
       person_b,
       spot,
       place_id,
       day_precision,
       days,
       meetings,
       device_ids,
       [person_a, person_b] AS person_ids,
       setl_ids
ORDER BY days DESC, person_a, person_b, spot
