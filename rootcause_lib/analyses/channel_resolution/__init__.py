"""Which channel settles matters at first contact, and how customers move between channels?"""
