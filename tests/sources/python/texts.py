def encoded(lines):
    return "\n".join(lines)
