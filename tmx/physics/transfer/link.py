"""What a stretch of a medium sends towards an observer: integrals of its modes along the line of sight.

Over a stretch of scaled optical thickness Δ, seen under the cosine μ, a mode with amplitude 1 at the near end and 0 at
the far one is sinh k(Δ − t)/sinh kΔ. Every integral is taken in closed form, and by its series where that would cancel.
"""

import math

from tmx.physics.compiled import part

THIN = 1e-3
"""kΔ below which the shape of a mode is expanded about a straight line."""

SHORT = 0.5
"""Δ/μ below which moments of the attenuation come from their series."""

SAME = 1e-4
"""Relative difference of rates below which their difference is expanded."""


@part
def moment(n, y):
    """Return ∫₀¹ sⁿ e^{−ys} y ds."""
    if y < SHORT:
        total, term = 0.0, y
        for k in range(16):
            total += term / (k + n + 1.0)
            term *= -y / (k + 1.0)
        return total
    fade = math.exp(-y)
    value = -math.expm1(-y)
    for k in range(1, n + 1):
        value = k * value / y - fade
    return value


@part
def mode_integrals(decay, thickness, y, fade, attenuation, even, odd):
    """Return what a mode sends per unit of its amplitude at the near end, and at the far end, of a stretch.

    Parameters
    ----------
    decay : float
        Decay rate k [-].
    thickness : float
        Scaled optical thickness Δ [-].
    y : float
        Δ/μ [-].
    fade, attenuation : float
        e^{−kΔ} and e^{−Δ/μ} [-].
    even, odd : float
        η and ζ of the source function η a + ζ a' [-].
    """
    x = decay * thickness
    if x < THIN:
        m0, m1, m2, m3 = moment(0, y), moment(1, y), moment(2, y), moment(3, y)
        sixth = x * x / 6.0
        far = m1 + sixth * (m3 - m1)
        near = (m0 - m1) + sixth * (3.0 * m2 - 2.0 * m1 - m3)
        rise = (m0 + sixth * (3.0 * m2 - m0)) / thickness
        fall = (m0 + sixth * (3.0 * (m0 - 2.0 * m1 + m2) - m0)) / thickness
        return even * near - odd * fall, even * far + odd * rise
    down = y * (1.0 - fade * attenuation) / (x + y)
    apart = x - y
    if abs(apart) > SAME * x:
        up = y * (attenuation - fade) / apart
    else:
        up = y * fade * (1.0 + 0.5 * apart + apart * apart / 6.0)
    whole = 1.0 - fade * fade
    plus, minus = even + odd * decay, even - odd * decay
    return (down * minus - fade * up * plus) / whole, (up * plus - fade * down * minus) / whole


@part
def beam_integral(rate, total, mu):
    """Return ∫₀^τ* e^{−s t} e^{−t/μ} dt/μ for the rate s."""
    return -math.expm1(-total * (rate + 1.0 / mu)) / (1.0 + mu * rate)


@part
def response_integral(decay, inverse, total, mu):
    """Return ∫₀^τ* E(t) e^{−t/μ} dt/μ with E = (e^{−t/μ₀} − e^{−kt})/(1/μ₀ − k), for `inverse` = 1/μ₀."""
    apart = inverse - decay
    if abs(apart) > 1e-5 * inverse:
        return (beam_integral(inverse, total, mu) - beam_integral(decay, total, mu)) / apart
    rate = 0.5 * (inverse + decay) + 1.0 / mu
    fade = math.exp(-total * rate)
    return (total * rate * fade + math.expm1(-total * rate)) / (mu * rate * rate)
