"""Coefficients of the time integrator: RODASP2, a Rosenbrock method of order 4 with an embedded estimate of order 3.

Six stages, stiffly accurate, L-stable, and of full order on semi-discretised heat conduction and on algebraic
equations of index 1, which is what a column with a massless surface is. One linear system per step serves all stages.

In the form used here, with U_p the stage increments, γ the diagonal coefficient and h the step,

    (M/(γh) − J) U_q = f(t + α_q h, T + Σ_p a_qp U_p) + M Σ_p c_qp U_p / h + γ_q h ∂f/∂t,

the new state is the argument of the last stage plus U_6, and U_6 itself estimates the error.

References
----------
Steinebach (2020), Improvement of Rosenbrock-Wanner method RODASP, in Progress in Differential-Algebraic Equations II,
165-184, doi:10.1007/978-3-030-53905-4_6.
Hairer & Wanner (1996), Solving Ordinary Differential Equations II, 2nd edition, section VI.4.
"""

import numpy as np

STAGES = 6
GAMMA = 0.25
ERROR_ORDER = 4
"""Power of the step size with which the error estimate shrinks."""

STAGE_TIME = np.array([0.0, 0.75, 0.321448134013046, 0.519745732277726, 1.0, 1.0])
TIME_DERIVATIVE = np.array([0.25, -0.5, -0.189532918363016, 0.085612108792769, 0.0, 0.0])
STATE_WEIGHT = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [3.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.906377755268814, -0.189707390391685, 0.0, 0.0, 0.0, 0.0],
        [3.758617027739064, 1.161741776019525, -0.849258085312803, 0.0, 0.0, 0.0],
        [7.089566927282776, 4.573591406461604, -8.423496976860259, -0.959280113459775, 0.0, 0.0],
        [7.089566927282776, 4.573591406461604, -8.423496976860259, -0.959280113459775, 1.0, 0.0],
    ]
)
RATE_WEIGHT = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [-12.0, 0.0, 0.0, 0.0, 0.0],
        [-6.354581592719008, 0.338972550544623, 0.0, 0.0, 0.0],
        [-8.575016317114033, -7.606483992117508, 12.22499765012482, 0.0, 0.0],
        [-5.888975457523102, -8.157396617841821, 24.805546872612922, 12.790401512796979, 0.0],
        [-4.408651676063871, -6.692003137674639, 24.625568527593117, 16.627521966636085, -5.714285714285718],
    ]
)
