/*
title    = "Manual claims from a far institution nobody knew"
question = "Through which account, agent or registrar came manual claims of {min_patients} or more patients for one institution in another prefecture where none of them had been swiped before?"
honest   = "A specialist hospital in the provincial capital draws patients from everywhere, and who is treated there the first time claims by hand; an agent at its gate lives from this."
unknown  = "Where the division of the patient or of the institution is not on record the claim is not counted, nor is one without place or reversed in full. Earlier manual claims there are not asked for."
subject  = { label = "Institution", column = "place_id" }
identity = ["place_id", "channel"]
sources  = [
  "Behaviour B46: out-of-area manual claims (協同調查異地就醫零星報銷異常情形)",
  "A county bureau in Hunan, 2012: one person logs the call of a remote admission and signs the form; far hospitals, borrowed cards",
]

[members]
Institution = "place_id"
Patient     = "person_ids"
Account     = "account_ids"
Agent       = "agent_ids"
Staff       = "staff_ids"

[columns]
place_id    = "the far institution"
channel     = "the account, agent or registrar they share"
patients    = "different patients claimed for (people)"
claims      = "their claims for this institution"
account_ids = "the account, if it is what they share"
agent_ids   = "the agent, if it is whom they share"
staff_ids   = "the registrar, if it is whom they share"
person_ids  = "those patients (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.min_patients]
default = 3
least   = 2
unit    = "people"
meaning = "fewest patients worth a look"
*/
MATCH (claim:ManualClaim)-[:CLAIMED_FOR]->(patient:Patient)
WHERE NOT claim.refunded AND claim.place_id IS NOT NULL
MATCH (place:Institution {place_id: claim.place_id})
WHERE left(place.division, 4) <> left(patient.division, 4)
CALL (claim, patient, place) {
  OPTIONAL MATCH (patient)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(:Device)-[:INSTALLED_AT]->(at)
  WHERE at.place_id = place.place_id AND swipe.at < claim.at AND NOT swipe.refunded
  RETURN count(swipe) AS before
}
WITH claim, patient, place, before
WHERE before = 0
CALL (claim) {
  MATCH (claim)-[:PAID_INTO]->(account:Account)
  RETURN account.account_id AS channel, 0 AS side
  UNION ALL
  MATCH (claim)-[:FILED_BY]->(agent:Agent)
  RETURN agent.agent_id AS channel, 1 AS side
  UNION ALL
  MATCH (claim)-[:REGISTERED_BY]->(staff:Staff)
  RETURN staff.staff_id AS channel, 2 AS side
}
WITH place.place_id AS place_id, channel, side,
     collect(DISTINCT patient.person_id) AS person_ids,
     collect(DISTINCT claim.setl_id) AS setl_ids
WHERE size(person_ids) >= $min_patients
RETURN place_id,
       channel,
       size(person_ids) AS patients,
       size(setl_ids) AS claims,
       CASE WHEN side = 0 THEN [channel] ELSE [] END AS account_ids,
       CASE WHEN side = 1 THEN [channel] ELSE [] END AS agent_ids,
       CASE WHEN side = 2 THEN [channel] ELSE [] END AS staff_ids,
       person_ids,
       setl_ids
ORDER BY patients DESC, place_id, channel
