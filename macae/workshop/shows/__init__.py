"""What the notebooks draw and compute at the end of a challenge: messages side by side, a line of time, scores, costs."""
