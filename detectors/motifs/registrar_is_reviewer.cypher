/*
title    = "Registrar is reviewer"
question = "Which staff reviewed {min_claims} or more manual claims that they had registered themselves?"
honest   = "A small office on a day with one clerk; claims keyed in later under the reviewer's own log-in."
unknown  = "A claim without a registrar or without a reviewer is not counted. A log-in used by somebody else looks like its owner."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id"]
sources  = ["A county bureau in Hunan, 2012: one person took the call and signed the form; 130,000 yuan in two months, in 5 names"]

[members]
Staff   = "staff_id"
Patient = "person_ids"
Account = "accounts"

[columns]
staff_id   = "who registered and reviewed the claims"
claims     = "claims registered and reviewed by this person"
registered = "all claims registered by this person"
patients   = "different patients claimed for (people)"
accounts   = "the accounts these claims were paid into (pseudonyms)"
person_ids = "those patients (pseudonyms)"
setl_ids   = "the settlements of these claims"

[params.min_claims]
default = 3
least   = 1
unit    = "claims"
meaning = "fewest claims worth a look"
*/
MATCH (staff:Staff)
CALL (staff) {
  MATCH (staff)<-[:REGISTERED_BY]-(claim:ManualClaim)
  OPTIONAL MATCH (claim)-[:REVIEWED_BY]->(reviewer:Staff)
  WITH claim, reviewer.staff_id = staff.staff_id AS own
  OPTIONAL MATCH (claim)-[:CLAIMED_FOR]->(patient:Patient)
  OPTIONAL MATCH (claim)-[:PAID_INTO]->(account:Account)
  WITH count(DISTINCT claim.setl_id) AS registered,
       collect(DISTINCT CASE WHEN own THEN claim.setl_id END) AS setl_ids,
       collect(DISTINCT CASE WHEN own THEN patient.person_id END) AS person_ids,
       collect(DISTINCT CASE WHEN own THEN account.account_id END) AS accounts
  WHERE size(setl_ids) >= $min_claims
  RETURN registered, setl_ids, person_ids, accounts
}
RETURN staff.staff_id AS staff_id,
       size(setl_ids) AS claims,
       registered,
       size(person_ids) AS patients,
       accounts,
       person_ids,
       setl_ids
ORDER BY claims DESC, staff_id
