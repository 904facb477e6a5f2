"""Who asks: one file for each protocol in which a party may rely on us."""
