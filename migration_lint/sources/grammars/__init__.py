"""The grammars: each turns the syntax trees of one language into the vocabulary of `code`."""
