/*
title    = "Claims through one hand"
question = "Which accounts and agents brought manual claims of {min_patients} or more patients to one member of staff, who registered or reviewed them?"
honest   = "A guardian, employer, school or village may lawfully collect for its people; an agent helps the neighbours; a small office has a single desk."
unknown  = "A claim that names neither account nor agent is not counted, nor is one without the day it was settled. Claims reversed in full are left out. Who owns the account is not asked."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id", "channel"]
sources  = [
  "Pubei County People's Court, Guangxi, 21 June 2017: a reviewer passed 63 claims in 51 names; his wife held a payee account",
  "Foshan, 2012 to 2013: a contract worker borrows 50 names for 43 claims, 9.2 million yuan",
]

[members]
Staff   = "staff_id"
Account = "account_ids"
Agent   = "agent_ids"
Patient = "person_ids"

[columns]
staff_id    = "who registered or reviewed the claims"
channel     = "the account they were paid into, or the agent who filed them (pseudonym)"
patients    = "different patients claimed for (people)"
claims      = "claims that came this way"
account_ids = "that account, empty if the channel is an agent"
agent_ids   = "that agent, empty if the channel is an account"
person_ids  = "those patients (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.staff_ids]
default = []
least   = 0
unit    = "staff keys"
meaning = "claims through these hands only; empty means any"

[params.account_ids]
default = []
least   = 0
unit    = "account keys"
meaning = "claims into these accounts; with agent_ids empty too it means any channel"

[params.agent_ids]
default = []
least   = 0
unit    = "agent keys"
meaning = "claims filed by these agents; with account_ids empty too it means any channel"

[params.person_ids]
default = []
least   = 0
unit    = "person keys"
meaning = "claims for these people only; empty means anyone"

[params.min_patients]
default = 3
least   = 1
unit    = "people"
meaning = "fewest patients worth a look"

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
  UNWIND $staff_ids AS named
  MATCH (staff:Staff {staff_id: named})
  RETURN staff
  UNION
  UNWIND CASE WHEN size($staff_ids) = 0 THEN [0] ELSE [] END AS anyone
  MATCH (staff:Staff)
  RETURN staff
}
CALL (staff) {
  MATCH (staff)<-[:REGISTERED_BY|REVIEWED_BY]-(claim:ManualClaim)
  WITH DISTINCT claim
  WHERE NOT claim.refunded AND claim.day >= $from_day AND claim.day <= $until_day
  MATCH (claim)-[:CLAIMED_FOR]->(patient:Patient)
  WHERE size($person_ids) = 0 OR patient.person_id IN $person_ids
  OPTIONAL MATCH (claim)-[:PAID_INTO]->(account:Account)
  OPTIONAL MATCH (claim)-[:FILED_BY]->(agent:Agent)
  WITH claim.setl_id AS setl_id, patient.person_id AS person_id,
       [account.account_id, agent.agent_id] AS channels
  UNWIND [0, 1] AS side
  WITH setl_id, person_id, side, channels[side] AS channel
  WHERE channel IS NOT NULL
    AND (size($account_ids) + size($agent_ids) = 0
         OR (side = 0 AND channel IN $account_ids)
         OR (side = 1 AND channel IN $agent_ids))
  WITH side, channel,
       collect(DISTINCT person_id) AS person_ids,
       collect(DISTINCT setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_patients
  RETURN side, channel, person_ids, setl_ids
}
RETURN staff.staff_id AS staff_id,
       channel,
       size(person_ids) AS patients,
       size(setl_ids) AS claims,
       CASE WHEN side = 0 THEN [channel] ELSE [] END AS account_ids,
       CASE WHEN side = 1 THEN [channel] ELSE [] END AS agent_ids,
       person_ids,
       setl_ids
ORDER BY patients DESC, staff_id, channel
