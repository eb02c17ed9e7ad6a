"""How it trains: torch lives here and in the zoo, nowhere else."""
