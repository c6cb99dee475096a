"""Operations replayed: which tables, columns, types, indexes and constraints there are, and were."""
