"""How people and programs come in: who they are, what they may do, and the pages and answers they get."""
