"""What people decided, and can they prove it: the ledger of leads and the restricted values."""
