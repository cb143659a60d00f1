"""The screens of referral."""
