"""Processes in which programs of others are evaluated: started when needed, bounded in time and memory, talked to in messages."""
