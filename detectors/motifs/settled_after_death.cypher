/*
title    = "Settled after death"
question = "For which people do {min_settlements} or more settlements lie after the day of death on record: swipes by more than {grace_days} days, manual claims by more than {claim_days} days?"
honest   = "A death is entered with a wrong day or for a namesake; heirs claim lawfully for treatment before it; a card of two holders is used by the one who lives."
unknown  = "Without a day of death on record nothing is asked. Stays and what was reversed in full are left out."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id"]
sources  = [
  "Shanxian, 2016 to 2021: a village doctor books visits also after death",
  "Dongyang and Tongxin: cards of the dead, 80,700 and 23,900 yuan",
  "Behaviour B14, false claims of benefits",
]

[members]
Patient = "person_id"
Card    = "card_ids"
Device  = "device_ids"

[columns]
person_id  = "who died (pseudonym)"
died       = "day of death on record (days since 1970-01-01)"
days_after = "days from the death to the first of these settlements"
until_day  = "last day of these settlements (days since 1970-01-01)"
swipes     = "swipes after it"
claims     = "manual claims after it"
card_ids   = "the cards"
device_ids = "the terminals"
setl_ids   = "the settlements"

[params.grace_days]
default = 3
least   = 0
unit    = "days"
meaning = "days after the death on which a swipe is not counted"

[params.claim_days]
default = 365
least   = 0
unit    = "days"
meaning = "days after the death on which a manual claim is not counted"

[params.min_settlements]
default = 1
least   = 1
unit    = "settlements"
meaning = "fewest settlements worth a look"
*/
MATCH (patient:Patient)
WHERE patient.died IS NOT NULL
CALL (patient) {
  CALL (patient) {
    MATCH (patient)-[:HOLDS]->(card:Card)-[swipe:SWIPED_AT]->(device:Device)
    WHERE swipe.day > patient.died + $grace_days
      AND swipe.kind <> 'inpatient' AND NOT swipe.refunded
    RETURN swipe.day AS day, swipe.setl_id AS setl_id, true AS swiped,
           card.card_id AS card_id, device.device_id AS device_id
    UNION ALL
    MATCH (patient)<-[:CLAIMED_FOR]-(claim:ManualClaim)
    WHERE claim.day > patient.died + $claim_days AND NOT claim.refunded
    RETURN claim.day AS day, claim.setl_id AS setl_id, false AS swiped,
           null AS card_id, null AS device_id
  }
  WITH min(day) AS from_day,
       max(day) AS until_day,
       count(DISTINCT CASE WHEN swiped THEN setl_id END) AS swipes,
       collect(DISTINCT card_id) AS card_ids,
       collect(DISTINCT device_id) AS device_ids,
       collect(DISTINCT setl_id) AS setl_ids
  WHERE size(setl_ids) >= $min_settlements
  RETURN from_day, until_day, swipes, card_ids, device_ids, setl_ids
}
RETURN patient.person_id AS person_id,
       patient.died AS died,
       from_day - patient.died AS days_after,
       until_day,
       swipes,
       size(setl_ids) - swipes AS claims,
       card_ids,
       device_ids,
       setl_ids
ORDER BY size(setl_ids) DESC, person_id
