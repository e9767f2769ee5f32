"""What is made of many answers: claims and verdicts, the specification curve, revisions."""
