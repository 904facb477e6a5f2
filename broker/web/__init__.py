"""Flask's only home: addresses, cookies, headers and pages. What happens behind them is in `flow`, `logout`, `relying`."""
