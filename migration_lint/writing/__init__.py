"""Contract files made, mended and exported. Nothing here writes a file: texts go in, texts come out."""
