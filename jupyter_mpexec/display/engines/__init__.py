"""Engines that work out where the nodes of a diagram go, and the chain that tries one after the other."""
