"""What people do with the model: each operation reads a state and gives back a change set."""
