"""The services that the lessons talk to: one module each with an `app(seed)`, short enough to be read in its lesson."""
