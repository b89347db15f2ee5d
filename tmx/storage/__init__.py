"""Files: where results lie, how they are laid out, and how they come to be whole or not at all.

Begin with `tmx.storage.records`, which declares what a thermal and a radiance file hold.
"""
