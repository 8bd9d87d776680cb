"""Reading files for people who only look: in a process of its own, with limits; ``python -m`` this, see `main`."""
