# Nothing to do: what starting costs.
# goal: 40 ms
1 + 1
