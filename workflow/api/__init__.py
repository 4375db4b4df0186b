"""What every REST door shares: keys, problems, strict JSON, paging, entity tags, the moves and history of any case."""
