"""What the demos of all apps share: walks through the past, stories told step by step, officers with one password."""
