"""What a function of arrays keeps: the same question is answered once, any other anew."""

import numpy as np
import pytest

from event_study.memory import remembered


@pytest.fixture
def asked() -> list[np.ndarray]:
    return []


def test_an_array_changed_in_place_is_another_question(asked: list[np.ndarray]) -> None:
    @remembered(2)
    def total(values: np.ndarray) -> float:
        asked.append(values)
        return float(values.sum())

    values = np.ones(3)
    assert (total(values), total(values.copy()), len(asked)) == (3.0, 3.0, 1)
    values[0] = 5.0
    assert (total(values), len(asked)) == (7.0, 2)


def test_the_oldest_answer_is_forgotten_and_an_error_is_not_kept(asked: list[np.ndarray]) -> None:
    @remembered(1)
    def first(values: np.ndarray) -> float:
        asked.append(values)
        return float(values[0])

    for values in (np.zeros(1), np.ones(1), np.zeros(1)):
        first(values)
    assert len(asked) == 3
    for _ in range(2):
        with pytest.raises(IndexError):
            first(np.empty(0))
    assert len(asked) == 5
