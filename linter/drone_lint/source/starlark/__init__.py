"""`.drone.star` to documents: the language as go.starlark.net 22309ac47eac has it, and the way back to the source (drone-semantics 1.3)."""
