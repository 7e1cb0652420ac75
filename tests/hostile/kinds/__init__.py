"""The hostile files, a module for each kind of them; make_hostile.py writes them all."""
