"""Which upstream processes and reasons cause the contacts, how many, how sure is that, what changed?"""
