"""One question asked of one panel: identified, answered, written once as rows of the result tables."""
