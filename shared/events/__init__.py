"""What is said: the envelope, one file of events per owner, the stream catalogue."""
