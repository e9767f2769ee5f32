"""One row of ``results/estimates`` with its names in words, and what can be read off it alone.

Here: which side a set lies on, how an effect is written on its own scale and in per cent. Not here: what rows
say together (``findings``), how numbers are written (``formats``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from report import formats
from report.inputs import RESULTS, Tables

LOG_POINTS = "log points"
RANKED = "ri_studentised"
LEAST_UNKNOWN = 0.01  # of an outcome: below it bounds and set are the same for a reader
SLOPED = "SlopeBefore"  # the warning of a row whose gap was not level before the first event


@dataclass(frozen=True)
class Estimate:
    """One row of ``results/estimates``; effects in log points unless the outcome is a share."""

    estimate_id: str
    spec_id: str
    family: str
    contrast: str
    outcome: str
    event_set: str
    term: str
    trend: str
    donors: int | None
    estimator: str | None
    inference: str | None
    estimate: float | None
    std_error: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_floor: float | None
    placebo_windows: int | None
    disjoint_windows: int | None
    percent_effect: float | None
    base_mean: float | None
    n_units: int | None
    n_periods: int | None
    window_start: date | None
    window_end: date | None
    share_unknown_country: float | None
    status: str
    reason: str | None
    warnings: str | None
    side: int | None  # of zero that may be claimed; 0 where the set contains it
    planted: float | None
    frequency: str | None
    slope_before: float | None  # of the gap a period, before the first event; only where it is taken as level
    slope_before_p: float | None
    # what people read of its names, and their places
    contrast_short: str
    contrast_place: int
    spec_title: str
    spec_group: str | None
    spec_place: int
    event_set_title: str
    event_set_place: int
    prediction: str | None  # the side on which an effect of the controls would lie at these events
    trend_title: str
    trend_short: str
    trend_place: int
    estimator_title: str | None
    unit: str | None
    inference_title: str | None
    inference_group: str | None
    inference_place: int
    # whoever those without a certain country are: a constant share of them China's, one that may jump at the
    # events, and the jump that overturns the side; none where everybody's country is known
    bound_low: float | None = None
    bound_high: float | None = None
    worst_low: float | None = None
    worst_high: float | None = None
    breakdown: float | None = None

    @property
    def has_set(self) -> bool:
        return self.ci_low is not None and self.ci_high is not None

    @property
    def is_ranked(self) -> bool:
        """Tested by ranks among countries; where no set is given, it has no bound and contains zero."""
        return self.status == "ok" and self.inference == RANKED

    @property
    def is_left_open(self) -> bool:
        """Whether what has no certain country leaves so much open that its rank was taken back."""
        return self.status == "descriptive" and self.inference == RANKED

    @property
    def side_of_set(self) -> int:
        """+1 or −1 when the set lies wholly on one side of zero, else 0; whether that may be claimed is
        ``side``."""
        if self.ci_low is None or self.ci_high is None:
            return 0
        return 1 if self.ci_low > 0 else -1 if self.ci_high < 0 else 0

    @property
    def is_uninformative(self) -> bool:
        """Whether the set of a log effect (its bounds, where countries are unknown) contains both a halving
        and a doubling, or has no bound."""
        low = self.ci_low if self.bound_low is None else self.bound_low
        high = self.ci_high if self.bound_high is None else self.bound_high
        if low is None or high is None:
            return self.is_ranked
        return self.is_log and low < -math.log(2) and high > math.log(2)

    @property
    def is_log(self) -> bool:
        return self.unit == LOG_POINTS

    @property
    def slope(self) -> str | None:
        """``−0.159 a quarter, p 0.007``: how the gap sloped before, of a row that takes it as level."""
        return self._slope("")

    @property
    def slope_in_words(self) -> str | None:
        """The same with its unit, for a sentence that gives effects in per cent."""
        return self._slope(f" {LOG_POINTS}" if self.is_log else "")

    def _slope(self, unit: str) -> str | None:
        if self.slope_before is None:
            return None
        slope = f"{self.written(self.slope_before)}{unit} a {self.frequency or 'period'}"
        return f"{slope}, p {formats.p_value(self.slope_before_p)}"

    @property
    def is_sloped(self) -> bool:
        """Whether the years before reject the level gap that the row assumes."""
        return SLOPED in (self.warnings or "")

    @property
    def planted_inside(self) -> bool | None:
        """Whether the set covers the planted truth; None where there is no truth or no set."""
        if self.planted is None or self.ci_low is None or self.ci_high is None:
            return None
        return self.ci_low <= self.planted <= self.ci_high

    def written(self, value: float | None) -> str:
        """A value on the estimate's own scale: log points to three digits, other units as amounts."""
        return formats.effect(value) if self.is_log else formats.amount(value, signed=True)

    @property
    def interval(self) -> str:
        """The confidence set or, of a conventional row, its interval, on the estimate's own scale."""
        if not self.has_set:
            return "unbounded" if self.is_ranked else formats.ABSENT
        return f"{self.written(self.ci_low)} to {self.written(self.ci_high)}"

    @property
    def interval_in_words(self) -> str:
        """The same on the scale people read: per cent for log effects, the outcome's unit otherwise."""
        if self.ci_low is None or self.ci_high is None or not self.is_log:
            return self.interval
        return self._in_words(self.ci_low, self.ci_high)

    def _in_words(self, low: float, high: float) -> str:
        if not self.is_log:
            return f"{self.written(low)} to {self.written(high)}"
        return " to ".join(formats.percent(math.expm1(min(bound, 50.0))) for bound in (low, high))

    @property
    def bounds(self) -> str | None:
        """``−0.44 to 0.37``: what the effect may be, whoever the unknown are; None where so few are unknown
        that the set says it."""
        if self.bound_low is None or self.bound_high is None or not self._has_unknown:
            return None
        return f"{self.written(self.bound_low)} to {self.written(self.bound_high)}"

    @property
    def bounds_in_words(self) -> str | None:
        """The same in a sentence, with what a share that jumps at the events could do."""
        if self.bounds is None or self.bound_low is None or self.bound_high is None:
            return None
        unknown = formats.share(self.share_unknown_country)
        between = self._in_words(self.bound_low, self.bound_high).replace(" to ", " and ")
        who = f"Whoever the {unknown} without a certain country are"
        said = f"{who}, the effect {self.trend_title} lies between {between}"
        said += "" if self.has_set or self.is_left_open else " (no test: of the estimate alone)"
        if self.worst_low is None or self.worst_high is None:
            return f"{said}."
        worst = self._in_words(self.worst_low, self.worst_high)
        return f"{said}; where China’s share of them may jump at the events, {worst}{self._overturned}."

    @property
    def _overturned(self) -> str:
        what = "the side of zero" if self.side_of_set else "the sign"
        if self.breakdown is None:
            return f", and no jump overturns {what}"
        if not self.breakdown:
            return f", and a constant share already overturns {what}"
        return f", and a jump of {formats.share(self.breakdown)} of them overturns {what}"

    @property
    def _has_unknown(self) -> bool:
        return (self.share_unknown_country or 0.0) > LEAST_UNKNOWN

    @property
    def effect_in_words(self) -> str:
        return formats.percent(self.percent_effect) if self.is_log else self.written(self.estimate)


def estimates(tables: Tables) -> list[Estimate]:
    """Every estimate with its names in words, by id."""
    rows = tables.rows(f"""
        select
            {", ".join(f"estimates.{column}" for column in RESULTS["estimates"])},
            frequency, value as slope_before, diagnostics.p_value as slope_before_p,
            short_of('contrast', contrast) as contrast_short,
            place_of('contrast', contrast) as contrast_place,
            short_of('spec', spec_id) as spec_title, word('spec', spec_id, 'group') as spec_group,
            place_of('spec', spec_id) as spec_place,
            short_of('event_set', event_set) as event_set_title,
            place_of('event_set', event_set) as event_set_place,
            word('event_set', event_set, 'sentence') as prediction,
            title_of('trend', trend) as trend_title, short_of('trend', trend) as trend_short,
            place_of('trend', trend) as trend_place,
            short_of('estimator', estimator) as estimator_title,
            word('estimator', estimator, 'group') as unit,
            title_of('inference', inference) as inference_title,
            word('inference', inference, 'group') as inference_group,
            place_of('inference', inference) as inference_place
        from estimates
        left join diagnostics
            on diagnostics.estimate_id = estimates.estimate_id and diagnostic = 'pre_trend_slope'
        left join (select outcome, event_set, contrast, frequency from identification) as asked
            using (outcome, event_set, contrast)
        order by estimates.estimate_id
    """)
    return [Estimate(**row) for row in rows]
