"""Windows that no comparison-unit estimator can use have a name; a placebo's donors are never treated."""

from __future__ import annotations

import numpy as np
import pytest

from event_study.errors import EventOutsidePanel, InfiniteValue, MissingReference, NoDonors
from event_study.estimators.matrices import as_treated, check_windows


@pytest.mark.parametrize(
    ("Y", "pre", "post", "error", "message"),
    [
        (np.ones((1, 3)), [1, 1, 0], [0, 0, 1], NoDonors, "no comparison unit"),
        (np.ones((2, 3)), [1, 0, 0], [0, 0, 1], MissingReference, "1 period before .* at least 2 needed"),
        (np.ones((2, 3)), [1, 1, 1], [0, 0, 0], EventOutsidePanel, "no period after"),
        (np.array([[1, 2, 3], [1, np.nan, 3]]), [1, 1, 0], [0, 0, 1], InfiniteValue, "row 1 is nan in"),
        (np.ones((2, 3)), [1, 1, 1], [0, 0, 1], ValueError, "both before and after"),
        (np.ones((2, 3)), [1, 1], [0, 1], ValueError, "must be 3 booleans"),
    ],
)  # fmt: skip
def test_windows_that_no_estimator_can_use(
    Y: np.ndarray, pre: list[int], post: list[int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        check_windows(Y, np.array(pre, bool), np.array(post, bool), least=2)


def test_no_placebo_has_the_treated_unit_among_its_donors() -> None:
    Y = np.arange(4)[:, None] * np.ones((4, 2))
    assert as_treated(Y, 0)[:, 0].tolist() == [0, 1, 2, 3]
    assert as_treated(Y, 2)[:, 0].tolist() == [2, 1, 3]
