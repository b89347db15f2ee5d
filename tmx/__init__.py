"""tmx: a database-backed experiment manager for thermal models of planetary surfaces."""

__version__ = "0.1.0"
