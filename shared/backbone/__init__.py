"""How what is said travels: outbox, relay, consumers, parking, timers."""
