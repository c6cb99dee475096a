"""Operations replayed: which tables, columns, types, indexes and constraints there are, and were.

model         what exists at one point of a history
types         a type's one spelling, to tell whether two are the same
expressions   defaults and conditions as text
replay        operations → a catalog, and a journal of what they did
journal       the entries of that journal
difference    two catalogs and a journal → outcomes, shifts and notes
outcome       what a change does to a table, for those who judge it
"""
