/*
title    = "One invoice, several claims"
question = "Which invoice numbers stand on {min_claims} or more manual claims?"
honest   = "Two places may number their invoices alike; a claim returned and handed in again keeps its invoice; a placeholder was typed where the number could not be read."
unknown  = "Claims without an invoice number are not counted, nor are those reversed in full."
subject  = { label = "ManualClaim", column = "first_claim" }
identity = ["invoice"]
sources  = [
  "Jiande, 2004 to 2005: vouchers that were already paid are used again, 250,000 yuan",
  "Behaviour B13, payment against the rules: invono paid twice",
]

[members]
ManualClaim = "setl_ids"
Patient     = "person_ids"
Staff       = "staff_ids"
Account     = "account_ids"

[columns]
invoice     = "the invoice number"
claims      = "claims that name it"
patients    = "different patients claimed for (people)"
places      = "different places of treatment"
first_claim = "the first of these claims in the order of numbers"
person_ids  = "those people (pseudonyms)"
staff_ids   = "who registered or reviewed these claims"
account_ids = "the accounts they were paid into (pseudonyms)"
setl_ids    = "the settlements of these claims"

[params.min_claims]
default = 2
least   = 1
unit    = "claims"
meaning = "fewest claims worth a look"
*/
MATCH (claim:ManualClaim)
WHERE claim.invoice IS NOT NULL AND NOT claim.refunded
WITH claim.invoice AS invoice, collect(claim) AS named
WHERE size(named) >= $min_claims
CALL (named) {
  UNWIND named AS claim
  MATCH (claim)-[:CLAIMED_FOR]->(patient:Patient)
  OPTIONAL MATCH (claim)-[:PAID_INTO]->(account:Account)
  OPTIONAL MATCH (claim)-[:REGISTERED_BY|REVIEWED_BY]->(staff:Staff)
  RETURN min(claim.setl_id) AS first_claim,
         count(DISTINCT claim.place_id) AS places,
         collect(DISTINCT patient.person_id) AS person_ids,
         collect(DISTINCT staff.staff_id) AS staff_ids,
         collect(DISTINCT account.account_id) AS account_ids,
         collect(DISTINCT claim.setl_id) AS setl_ids
}
RETURN invoice,
       size(setl_ids) AS claims,
       size(person_ids) AS patients,
       places,
       first_claim,
       person_ids,
       staff_ids,
       account_ids,
       setl_ids
ORDER BY claims DESC, invoice
