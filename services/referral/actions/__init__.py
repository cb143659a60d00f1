"""The use cases of referral, one function each, in a transaction that the caller opened."""
