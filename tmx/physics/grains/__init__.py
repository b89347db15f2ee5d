"""Optics of grains: from minerals, sizes and mixtures to cross-sections per band.

Begin with `grains`, which describes what grains are, and `mie`, which makes a table of cross-sections of them.
`minerals` is the library, `composition` the text by which people name what is in it. Indices are m = n + ik with
k ≥ 0 for absorption (fields ∝ e^{-iωt}, Bohren & Huffman 1983) throughout.
"""
