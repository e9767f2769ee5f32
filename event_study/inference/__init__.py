"""What a coefficient is held against: placebos, dates, permutations, conventional errors."""
