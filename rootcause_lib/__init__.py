"""Which upstream processes cause customer contacts, how sure that is, and what a fix would be worth."""
