/*
title    = "Claims of one's own people"
question = "Which staff registered or reviewed {min_claims} or more manual claims of somebody who shares a telephone or an address with them?"
honest   = "Staff have families that fall ill, and a small office has no other desk; a dormitory; an old telephone number given to somebody else."
unknown  = "Only what is on record ties people: a telephone or an address of more than {most_sharing} people ties nobody. Claims reversed in full are left out."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id", "person_id"]
sources  = [
  "Behaviour B11: staff share account, phone or address with the payee",
  "Detection signature 9, insider payee: account or phone of staff or kin",
]

[members]
Staff   = "staff_id"
Patient = "person_id"
Account = "account_ids"

[columns]
staff_id    = "who registered or reviewed the claims"
person_id   = "whose claims they are (pseudonym)"
claims      = "these claims"
reviewed    = "those of them this person reviewed"
shared      = "the telephones and addresses they share (pseudonyms)"
account_ids = "the accounts these claims were paid into (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.min_claims]
default = 1
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
  MATCH (staff)-[:USES|LIVES_AT]->(shared)<-[:USES|LIVES_AT]-(patient:Patient)
  WHERE shared.people <= $most_sharing
  WITH staff, patient, collect(DISTINCT coalesce(shared.phone_id, shared.address_id)) AS shared_ids
  MATCH (patient)<-[:CLAIMED_FOR]-(claim:ManualClaim)-[did:REGISTERED_BY|REVIEWED_BY]->(hand:Staff)
  WHERE hand.staff_id = staff.staff_id AND NOT claim.refunded
  OPTIONAL MATCH (claim)-[:PAID_INTO]->(account:Account)
  WITH patient.person_id AS person_id, shared_ids,
       count(DISTINCT CASE WHEN type(did) = 'REVIEWED_BY' THEN claim.setl_id END) AS reviewed,
       collect(DISTINCT account.account_id) AS account_ids,
       collect(DISTINCT claim.setl_id) AS setl_ids
  WHERE size(setl_ids) >= $min_claims
  RETURN person_id, shared_ids, reviewed, account_ids, setl_ids
}
RETURN staff.staff_id AS staff_id,
       person_id,
       size(setl_ids) AS claims,
       reviewed,
       shared_ids AS shared,
       account_ids,
       setl_ids
ORDER BY claims DESC, staff_id, person_id
