"""Does having to contact us go with leaving, who is at risk, and what is at stake?"""
