"""Settings of known plugins: what they read, what they do for which events, and what reaches them."""
