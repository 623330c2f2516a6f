<nothing/at/all>
