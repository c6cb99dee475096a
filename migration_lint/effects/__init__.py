"""What an operation does to a busy database: what it locks, reads through, rewrites, and what it fails at."""
