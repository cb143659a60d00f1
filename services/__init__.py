"""The four services of Kith."""
