"""Reporting: how far referrals get, where people are lost on the way, and how many are met with silence."""
