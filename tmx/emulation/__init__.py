"""Emulators: models that stand in for simulations, learnt from a dataset, with error bars.

Begin with `tmx.emulation.emulator`. Training needs scikit-learn; what was trained predicts without it.
"""
