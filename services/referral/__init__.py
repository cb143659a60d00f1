"""Referral: a person's referral, from open to closed."""
