"""Controls that a learner works with in the page; each shows the Python call that does the same."""
