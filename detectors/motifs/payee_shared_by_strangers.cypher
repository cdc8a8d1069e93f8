/*
title    = "One payee account for strangers"
question = "Into which accounts were manual claims paid for patients of {min_households} or more different households who do not own them?"
honest   = "A hospital, employer, school or village account collects lawfully for its people; grown children live apart and are paid for."
unknown  = "Claims without an account are not counted, nor are those reversed in full. A patient without address on record counts as a household. With no owner on record the row stays, owner_known = false."
subject  = { label = "Account", column = "account" }
identity = ["account"]
sources  = [
  "Detection signature 9: account paid for 3 unrelated persons or more",
  "Pubei County People's Court, Guangxi, 21 June 2017: 63 claims in 51 names",
]

[members]
Account = "account"
Patient = "person_ids"
Staff   = "staff_ids"

[columns]
account     = "the account that was paid (pseudonym)"
households  = "different addresses of these patients; one without address counts for itself"
patients    = "different patients claimed for (people)"
claims      = "their claims"
place_owned = "whether a place is on record as its owner"
owner_known = "whether any owner of the account is on record"
staff_ids   = "who registered or reviewed these claims"
person_ids  = "those patients (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.min_households]
default = 3
least   = 2
unit    = "households"
meaning = "fewest households worth a look"
*/
MATCH (account:Account)
CALL (account) {
  MATCH (account)<-[:PAID_INTO]-(claim:ManualClaim)-[:CLAIMED_FOR]->(patient:Patient)
  WHERE NOT claim.refunded AND NOT EXISTS { (patient)-[:OWNS]->(account) }
  OPTIONAL MATCH (patient)-[:LIVES_AT]->(home:Address)
  OPTIONAL MATCH (claim)-[:REGISTERED_BY|REVIEWED_BY]->(staff:Staff)
  WITH count(DISTINCT coalesce(home.address_id, patient.person_id)) AS households,
       collect(DISTINCT staff.staff_id) AS staff_ids,
       collect(DISTINCT patient.person_id) AS person_ids,
       collect(DISTINCT claim.setl_id) AS setl_ids
  WHERE households >= $min_households
  RETURN households, staff_ids, person_ids, setl_ids
}
RETURN account.account_id AS account,
       households,
       size(person_ids) AS patients,
       size(setl_ids) AS claims,
       EXISTS { MATCH (owner)-[:OWNS]->(account) WHERE owner.place_id IS NOT NULL } AS place_owned,
       EXISTS { ()-[:OWNS]->(account) } AS owner_known,
       staff_ids,
       person_ids,
       setl_ids
ORDER BY households DESC, account
