/*
title    = "Customers of the first and last hour"
question = "Whose swipes at a place fall on {min_days} or more different days into its first or last hour, and {min_share} % or more of them?"
honest   = "Early risers, commuters and night workers; patients who come fasting; a clinic that opens for two hours only."
unknown  = "A place opens and closes, by its own swipes, where one in a hundred lies before and after; places whose times are known only to the day are not looked at. Stays and what was reversed in full are left out."
subject  = { label = "Patient", column = "person_id" }
identity = ["place_id", "person_id"]
sources  = ["Behaviour B41: improper swipes gather in the morning when the shop opens and in the evening when it closes (違規劃卡多集中在早晨開店及晚上閉店時)"]

[members]
Patient = "person_id"
Device  = "device_ids"

[columns]
place_id   = "the place"
person_id  = "whose swipes they are (pseudonym)"
opens      = "when the place opens (second of the day)"
closes     = "when it closes (second of the day)"
days       = "days with a swipe in the first or last hour"
share      = "such swipes of all their swipes there (whole per cent)"
device_ids = "the terminals"
setl_ids   = "the settlements in these hours"

[params.min_days]
default = 6
least   = 1
unit    = "days"
meaning = "fewest different days worth a look"

[params.min_share]
default = 80
least   = 1
unit    = "per cent"
meaning = "smallest share of the swipes worth a look"
*/
MATCH (patient:Patient)-[visit:VISITED]->(device:Device)
WHERE visit.edge_days >= $min_days
WITH patient, device
MATCH (device)-[:INSTALLED_AT]->(place)
WITH DISTINCT patient, place
CALL (patient, place) {
  MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device:Device)-[:INSTALLED_AT]->(at)
  WHERE at.place_id = place.place_id AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
  WITH DISTINCT swipe.setl_id AS setl_id, swipe.day AS day, device.device_id AS device_id,
       swipe.at % 86400 < place.opens + 3600 OR swipe.at % 86400 > place.closes - 3600 AS edge
  WITH count(setl_id) AS swipes,
       count(DISTINCT CASE WHEN edge THEN day END) AS days,
       collect(DISTINCT CASE WHEN edge THEN device_id END) AS device_ids,
       collect(DISTINCT CASE WHEN edge THEN setl_id END) AS setl_ids
  WHERE days >= $min_days AND size(setl_ids) * 100 >= swipes * $min_share
  RETURN swipes, days, device_ids, setl_ids
}
RETURN place.place_id AS place_id,
       patient.person_id AS person_id,
       place.opens AS opens,
       place.closes AS closes,
       days,
       size(setl_ids) * 100 / swipes AS share,
       device_ids,
       setl_ids
ORDER BY days DESC, place_id, person_id
