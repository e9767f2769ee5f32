"""From long rows of unit, period and value to one balanced panel."""
