/*
title    = "Invoices in series through one channel"
question = "Through which accounts and agents came manual claims of {min_patients} or more patients whose invoice numbers lie within {most_apart} of another patient's?"
honest   = "A company, school or village hands in the papers of one hospital day; a family is treated together and billed in one go; a hospital that numbers slowly gives neighbours to strangers."
unknown  = "Claims without a number, or with a number that holds letters, are not counted, nor are those reversed in full. Which place printed the invoice is not asked."
subject  = { label = "ManualClaim", column = "first_claim" }
identity = ["channel"]
sources  = [
  "Behaviour B25, manual claim with false vouchers: duplicate or serial invoice numbers, one agent or account for many",
  "Shanghai, 2011: one agent files 13 times, about 200,000 yuan",
]

[members]
ManualClaim = "setl_ids"
Patient     = "person_ids"
Account     = "account_ids"
Agent       = "agent_ids"

[columns]
channel      = "the account they were paid into, or the agent who filed them (pseudonym)"
patients     = "different patients claimed for (people)"
claims       = "claims with a neighbour in number"
from_number  = "lowest of these numbers"
until_number = "highest of these numbers"
first_claim  = "the first of these claims in the order of settlement numbers"
account_ids  = "that account, empty if the channel is an agent"
agent_ids    = "that agent, empty if the channel is an account"
person_ids   = "those patients (pseudonyms)"
setl_ids     = "the settlements of these claims"

[params.most_apart]
default = 1
least   = 0
unit    = "numbers"
meaning = "most by which two invoice numbers differ; 0 finds only the same number"

[params.min_patients]
default = 3
least   = 2
unit    = "people"
meaning = "fewest patients worth a look"
*/
CALL () {
  MATCH (account:Account)<-[:PAID_INTO]-(claim:ManualClaim)
  RETURN account.account_id AS channel, 0 AS side, claim
  UNION ALL
  MATCH (agent:Agent)<-[:FILED_BY]-(claim:ManualClaim)
  RETURN agent.agent_id AS channel, 1 AS side, claim
}
WITH channel, side, claim, toInteger(claim.invoice) AS number
WHERE number IS NOT NULL AND NOT claim.refunded
MATCH (claim)-[:CLAIMED_FOR]->(patient:Patient)
WITH channel, side, collect([number, patient.person_id, claim.setl_id]) AS filed
CALL (filed) {
  UNWIND filed AS one
  WITH one, [other IN filed
             WHERE other[1] <> one[1] AND abs(other[0] - one[0]) <= $most_apart] AS near
  WHERE size(near) > 0
  WITH min(one[0]) AS from_number,
       max(one[0]) AS until_number,
       min(one[2]) AS first_claim,
       collect(DISTINCT one[1]) AS person_ids,
       collect(DISTINCT one[2]) AS setl_ids
  WHERE size(person_ids) >= $min_patients
  RETURN from_number, until_number, first_claim, person_ids, setl_ids
}
RETURN channel,
       size(person_ids) AS patients,
       size(setl_ids) AS claims,
       from_number,
       until_number,
       first_claim,
       CASE WHEN side = 0 THEN [channel] ELSE [] END AS account_ids,
       CASE WHEN side = 1 THEN [channel] ELSE [] END AS agent_ids,
       person_ids,
       setl_ids
ORDER BY patients DESC, channel
