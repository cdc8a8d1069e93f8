/*
title    = "One agent for many households"
question = "Which agents filed manual claims for patients of {min_households} or more different households, their own left out?"
honest   = "A village committee, an employer or a care home sends one person for all; patients of one hospital use the same paid helper."
unknown  = "Claims without an agent are not counted. A patient without address on record counts as a household; nobody is left out as the agent's own where neither the agent's person nor telephone is on record. Claims reversed in full are left out."
subject  = { label = "Agent", column = "agent_id" }
identity = ["agent_id"]
sources  = [
  "Detection signature 9: agent for 5 people or more",
  "Shanghai, 2011: one agent files 13 times",
]

[members]
Agent   = "agent_id"
Patient = "person_ids"
Account = "account_ids"
Staff   = "staff_ids"

[columns]
agent_id    = "the agent (pseudonym)"
households  = "different addresses of these patients; one without address counts for itself"
patients    = "different patients claimed for (people)"
claims      = "their claims"
account_ids = "the accounts these claims were paid into (pseudonyms)"
staff_ids   = "who registered or reviewed these claims"
person_ids  = "those patients (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.min_households]
default = 5
least   = 2
unit    = "households"
meaning = "fewest households worth a look"
*/
MATCH (agent:Agent)
OPTIONAL MATCH (own:Patient {person_id: agent.person_id})
CALL (agent, own) {
  MATCH (agent)<-[:FILED_BY]-(claim:ManualClaim)-[:CLAIMED_FOR]->(patient:Patient)
  WHERE NOT claim.refunded
    AND NOT EXISTS { (agent)-[:USES]->(:Phone)<-[:USES]-(patient) }
    AND patient.person_id <> coalesce(own.person_id, '')
    AND NOT EXISTS { (own)-[:LIVES_AT]->(:Address)<-[:LIVES_AT]-(patient) }
  OPTIONAL MATCH (patient)-[:LIVES_AT]->(home:Address)
  OPTIONAL MATCH (claim)-[:PAID_INTO]->(account:Account)
  OPTIONAL MATCH (claim)-[:REGISTERED_BY|REVIEWED_BY]->(staff:Staff)
  WITH count(DISTINCT coalesce(home.address_id, patient.person_id)) AS households,
       collect(DISTINCT account.account_id) AS account_ids,
       collect(DISTINCT staff.staff_id) AS staff_ids,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT claim.setl_id) AS setl_ids
  WHERE households >= $min_households
  RETURN households, account_ids, staff_ids, person_ids, setl_ids
}
RETURN agent.agent_id AS agent_id,
       households,
       size(person_ids) AS patients,
       size(setl_ids) AS claims,
       account_ids,
       staff_ids,
       person_ids,
       setl_ids
ORDER BY households DESC, agent_id
