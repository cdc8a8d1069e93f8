/*
title    = "Staff two steps from the payee"
question = "Which staff registered or reviewed {min_claims} or more manual claims paid into an account, or filed by an agent, that they own or with whom they share a telephone or an address?"
honest   = "In a small town staff and applicants are neighbours; a dormitory, a shared office telephone; a member of staff who claims openly for their own family."
unknown  = "Only what is on record ties people: a telephone or an address of more than {most_sharing} people ties nobody. Claims without account and agent are not counted, nor are those reversed in full."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id", "channel"]
sources  = [
  "Behaviour B11, insider with outsider (内外勾结)",
  "Qinzhou, 2012 to 2013: the payee account of a spouse; 63 claims in 51 names, 1.75 million yuan",
]

[members]
Staff   = "staff_id"
Account = "account_ids"
Agent   = "agent_ids"
Patient = "person_ids"

[columns]
staff_id    = "who registered or reviewed the claims"
channel     = "the account or agent tied to them (pseudonym)"
own         = "whether the account is on record as their own"
shared      = "the telephones and addresses between them (pseudonyms), empty if it is their own"
claims      = "claims that came this way"
patients    = "different patients claimed for (people)"
account_ids = "that account, empty if the channel is an agent"
agent_ids   = "that agent, empty if the channel is an account"
person_ids  = "those patients (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.min_claims]
default = 2
least   = 1
unit    = "claims"
meaning = "fewest claims worth a look"

[params.most_sharing]
default = 8
least   = 1
unit    = "people"
meaning = "most insured people of one telephone or address that still ties"
*/
MATCH (staff:Staff)<-[:REGISTERED_BY|REVIEWED_BY]-(:ManualClaim)
WITH DISTINCT staff
CALL (staff) {
  MATCH (staff)-[:OWNS]->(account:Account)
  RETURN account.account_id AS channel, 0 AS side, null AS tie
  UNION
  MATCH (staff)-[:USES|LIVES_AT]->(shared)<-[:USES|LIVES_AT]-(other)
  WHERE coalesce(shared.people, 0) <= $most_sharing AND other <> staff
  MATCH (other)-[:OWNS]->(account:Account)
  RETURN account.account_id AS channel, 0 AS side,
         coalesce(shared.phone_id, shared.address_id) AS tie
  UNION
  MATCH (staff)-[:USES]->(shared:Phone)<-[:USES]-(agent:Agent)
  WHERE coalesce(shared.people, 0) <= $most_sharing
  RETURN agent.agent_id AS channel, 1 AS side, shared.phone_id AS tie
  UNION
  MATCH (staff)-[:USES|LIVES_AT]->(shared)<-[:USES|LIVES_AT]-(kin:Patient)
  WHERE shared.people <= $most_sharing
  MATCH (agent:Agent {person_id: kin.person_id})
  RETURN agent.agent_id AS channel, 1 AS side,
         coalesce(shared.phone_id, shared.address_id) AS tie
}
WITH staff, channel, side,
     sum(CASE WHEN tie IS NULL THEN 1 ELSE 0 END) > 0 AS own,
     collect(DISTINCT tie) AS shared
CALL (staff, channel) {
  MATCH (staff)<-[:REGISTERED_BY|REVIEWED_BY]-(claim:ManualClaim)-[:PAID_INTO|FILED_BY]->(to)
  WHERE coalesce(to.account_id, to.agent_id) = channel AND NOT claim.refunded
  MATCH (claim)-[:CLAIMED_FOR]->(patient:Patient)
  WITH collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT claim.setl_id) AS setl_ids
  WHERE size(setl_ids) >= $min_claims
  RETURN person_ids, setl_ids
}
RETURN staff.staff_id AS staff_id,
       channel,
       own,
       shared,
       size(setl_ids) AS claims,
       size(person_ids) AS patients,
       CASE WHEN side = 0 THEN [channel] ELSE [] END AS account_ids,
       CASE WHEN side = 1 THEN [channel] ELSE [] END AS agent_ids,
       person_ids,
       setl_ids
ORDER BY claims DESC, staff_id, channel
