"""The screens of notifications: letters to print, what became of messages, and the embedded mailbox."""
