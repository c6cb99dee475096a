"""A language server: what `check` finds, in an editor, as files are written."""
