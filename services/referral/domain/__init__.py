"""The rules of referral: pure functions over frozen facts, standard library only."""
