"""States that do not change: the balance under a sun that stands still, or an even temperature."""

from dataclasses import dataclass

import numpy as np

from tmx.physics.balance import steady_state
from tmx.physics.layout import Layout
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.resolution import fewer_facets, number_error


@dataclass(frozen=True)
class Still:
    """A state that does not change, under a sun that stands still if there is one."""

    layout: Layout
    state: FloatArray
    sunlight: FloatArray
    cos_incidence: float | None

    @property
    def seen(self) -> FloatArray:
        """Temperature that is seen, of all facets if there are some [K]."""
        return self.layout.site.seen(self.state[None])[0]

    def apart(self, other: "Still") -> float:
        """Return the size of the difference of seen temperature [K]."""
        return self.layout.site.size_of(self.seen - other.seen)

    @property
    def energy_residual(self) -> float:
        """Power that goes in less that which goes out, relative to the larger of them [-]."""
        if self.cos_incidence is None:
            return 0.0
        _, absorbed, lost, below = self.layout.site.newton_change(self.sunlight, self.state)
        return (absorbed + below - lost) / max(absorbed, abs(below), abs(lost), np.finfo(float).tiny)

    def streams_error(self) -> float | None:
        """Return the difference to twice as many streams [K], if there are any."""
        if self.layout.streams is None:
            return None
        more = self.layout.with_streams(2 * self.layout.streams)
        if self.cos_incidence is None:
            return self.apart(Still(more, self.state, self.sunlight, None))
        return self.apart(stand(more, self.cos_incidence))

    def facets_error(self) -> float | None:
        """Return the error of the number of facets [K], where there is a surface of fewer."""
        many = self.layout.problem.facets
        few = None if many is None else fewer_facets(many)
        if many is None or few is None or self.cos_incidence is None:
            return None
        other = stand(self.layout.with_facets(few), self.cos_incidence)
        return number_error(many, few, self.seen[None], other.seen[None])


def stand(layout: Layout, cos_incidence: float) -> Still:
    """Return the balance under a sun that stands still."""
    sunlight = layout.sunlight(cos_incidence)
    state = steady_state(layout.site, sunlight, layout.problem.hottest_temperature)
    return Still(layout, state, sunlight, cos_incidence)
