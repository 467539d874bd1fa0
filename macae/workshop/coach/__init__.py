"""The coach's board: what notebooks report to it, the page that shows it, and the rehearsal on the day before."""
