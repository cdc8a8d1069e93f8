/*
title    = "One account, one reviewer, many patients"
question = "Which accounts were paid manual claims that one reviewer passed for {min_patients} or more patients not on record as its owners?"
honest   = "A guardian, employer, school or village may lawfully collect for its people; a small office may have a single reviewer."
unknown  = "Claims without a reviewer are not counted. With no owner on record the row stays, owner_known = false."
subject  = { label = "Account", column = "account" }
identity = ["account", "staff_id"]
sources  = ["Pubei County People's Court, Guangxi, 21 June 2017: a reviewer passed 63 claims in 51 names; his wife held a payee account"]

[members]
Account = "account"
Staff   = "staff_id"
Patient = "person_ids"

[columns]
account     = "the account that was paid (pseudonym)"
staff_id    = "who passed the claims"
patients    = "different patients claimed for (people)"
owner_known = "whether any owner of the account is on record"
person_ids  = "those patients"
setl_ids    = "the settlements of their claims"

[params.min_patients]
default = 3
least   = 2
unit    = "people"
meaning = "fewest patients worth a look"
*/
MATCH (account:Account)
CALL (account) {
  MATCH (account)<-[:PAID_INTO]-(claim:ManualClaim)-[:REVIEWED_BY]->(reviewer:Staff),
        (claim)-[:CLAIMED_FOR]->(patient:Patient)
  WHERE NOT EXISTS { (patient)-[:OWNS]->(account) }
  WITH reviewer,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT claim.setl_id) AS setl_ids
  WHERE size(person_ids) >= $min_patients
  RETURN reviewer.staff_id AS staff_id, person_ids, setl_ids
}
RETURN account.account_id AS account,
       staff_id,
       size(person_ids) AS patients,
       EXISTS { ()-[:OWNS]->(account) } AS owner_known,
       person_ids,
       setl_ids
ORDER BY patients DESC, account, staff_id
