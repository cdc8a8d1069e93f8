/*
title    = "Shortest tie between insider and payee"
question = "Which staff are tied by at most four steps of owning, telephone, address or card to an account into which claims of {min_patients} or more patients went through their hands?"
honest   = "In a small town four steps reach many neighbours: a card or telephone lent once ties families for good; what is shared by more than {most_sharing} people is passed by."
unknown  = "Only ties on record are walked; that none is found does not mean there is none. Claims reversed in full are left out."
subject  = { label = "Staff", column = "staff_id" }
identity = ["staff_id", "account"]
sources  = [
  "Behaviour B11, insider with outsider: staff share account, phone or address with payee, agent or shop",
  "Qinzhou, 2012 to 2013: the payee account of a spouse",
]

[members]
Staff   = "staff_id"
Account = "account"
Patient = "person_ids"

[columns]
staff_id   = "who registered or reviewed the claims"
account    = "the account they were paid into (pseudonym)"
steps      = "steps of the shortest tie"
ties       = "different ties of that length"
through    = "keys of everybody and everything between them, on any of these ties"
patients   = "different patients claimed for (people)"
claims     = "these claims"
person_ids = "those patients (pseudonyms)"
setl_ids   = "the settlements of these claims"

[params.min_patients]
default = 3
least   = 2
unit    = "people"
meaning = "fewest patients worth a look"

[params.most_sharing]
default = 8
least   = 1
unit    = "people"
meaning = "most insured people of one telephone or address that still ties"
*/
MATCH (account:Account)
CALL (account) {
  MATCH (account)<-[:PAID_INTO]-(claim:ManualClaim)-[:CLAIMED_FOR]->(patient:Patient)
  WHERE NOT claim.refunded
  MATCH (claim)-[:REGISTERED_BY|REVIEWED_BY]->(staff:Staff)
  WITH staff,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT claim.setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_patients
  RETURN staff, person_ids, setl_ids
}
CALL (account, staff) {
  MATCH tie = allShortestPaths((staff)-[:OWNS|USES|LIVES_AT|HOLDS*..4]-(account))
  WHERE all(step IN nodes(tie) WHERE coalesce(step.people, 0) <= $most_sharing)
  WITH length(tie) AS steps, collect(tie) AS ties
  UNWIND ties AS tie
  UNWIND CASE WHEN steps = 1 THEN [null] ELSE nodes(tie)[1..-1] END AS step
  RETURN steps, size(ties) AS ties,
         collect(DISTINCT coalesce(step.person_id, step.staff_id, step.place_id, step.phone_id,
                                   step.address_id, step.card_id, step.account_id)) AS through
}
RETURN staff.staff_id AS staff_id,
       account.account_id AS account,
       steps,
       ties,
       through,
       size(person_ids) AS patients,
       size(setl_ids) AS claims,
       person_ids,
       setl_ids
ORDER BY steps, staff_id, account
