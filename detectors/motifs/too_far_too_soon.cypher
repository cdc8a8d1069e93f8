/*
title    = "Too far too soon"
question = "Whose cards were swiped on one day at two places {least_kilometres} kilometres or more apart, faster than {most_speed} kilometres an hour, {min_times} or more times?"
honest   = "A relative uses the other credential of one person; a code is shown by telephone for a parent; a batch is uploaded late with the time of the upload."
unknown  = "Places without a position, or whose times are known only to the day, are not looked at, nor are stays and what was reversed in full. Distances are in a straight line."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id"]
sources  = [
  "Detection signature 6, remote swipe: impossible travel",
  "Behaviour B03, impersonation: two places at once",
]

[members]
Patient = "person_id"
Card    = "card_ids"

[columns]
person_id = "whose cards they are (pseudonym)"
times     = "pairs of swipes too far apart"
days      = "different days"
farthest  = "longest of these distances (whole kilometres)"
place_ids = "the places"
card_ids  = "the cards"
setl_ids  = "the settlements"

[params.least_kilometres]
default = 30
least   = 1
unit    = "kilometres"
meaning = "distance from which a pair is looked at"

[params.most_speed]
default = 120
least   = 1
unit    = "kilometres an hour"
meaning = "fastest an honest traveller goes"

[params.min_times]
default = 1
least   = 1
unit    = "times"
meaning = "fewest such pairs worth a look"
*/
MATCH (patient:Patient)
WHERE patient.day_kilometres >= $least_kilometres
CALL (patient) {
  MATCH (patient)-[:HOLDS]->(card:Card)-[swipe:SWIPED_AT]->(device:Device)
  WHERE swipe.kind <> 'inpatient' AND NOT swipe.refunded
  MATCH (device)-[:INSTALLED_AT]->(place)
  WHERE place.longitude IS NOT NULL AND NOT coalesce(place.day_precision, false)
  WITH swipe.day AS day,
       collect([place.place_id, radians(place.longitude), radians(place.latitude),
                swipe.at, swipe.setl_id, card.card_id]) AS swipes,
       count(DISTINCT place.place_id) AS places
  WHERE places > 1
  UNWIND swipes AS one
  UNWIND swipes AS other
  WITH day, one, other
  WHERE one[0] <> other[0]
    AND (one[3] < other[3] OR (one[3] = other[3] AND one[4] < other[4]))
  WITH day, one, other,
       2 * 6371.0 * asin(sqrt(sin((other[2] - one[2]) / 2) * sin((other[2] - one[2]) / 2)
         + cos(one[2]) * cos(other[2])
           * sin((other[1] - one[1]) / 2) * sin((other[1] - one[1]) / 2))) AS kilometres
  WHERE kilometres >= $least_kilometres
    AND kilometres * 3600 > $most_speed * (other[3] - one[3])
  WITH count(DISTINCT one[4] + ' ' + other[4]) AS times,
       count(DISTINCT day) AS days,
       max(kilometres) AS farthest,
       collect([one, other]) AS pairs
  WHERE times >= $min_times
  UNWIND pairs AS pair
  UNWIND pair AS swipe
  RETURN times, days, toInteger(farthest) AS farthest,
         collect(DISTINCT swipe[0]) AS place_ids,
         collect(DISTINCT swipe[5]) AS card_ids,
         collect(DISTINCT swipe[4]) AS setl_ids
}
RETURN patient.person_id AS person_id,
       times,
       days,
       farthest,
       place_ids,
       card_ids,
       setl_ids
ORDER BY times DESC, person_id
