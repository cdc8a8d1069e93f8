"""How people use it: the command line and the explorer. It shows and asks, it computes nothing."""
