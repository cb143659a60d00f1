"""The HTTP door of referral for programs."""
