"""What stands around a learner's part while it is checked: stand-in agents, kitchens that take notes, checks that several exercises share."""
