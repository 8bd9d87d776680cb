"""One quantum on the bench: its inputs and its task, reruns in memory, and what comes of them."""
