"""Views turn a value into text first and HTML second; both say the same, and both redact secrets."""
