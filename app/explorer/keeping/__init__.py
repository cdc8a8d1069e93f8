"""What keeps the office: the audit log that is read, accounts, other systems and settings."""
