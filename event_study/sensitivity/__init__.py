"""How far an estimate survives what its assumptions rule out."""
