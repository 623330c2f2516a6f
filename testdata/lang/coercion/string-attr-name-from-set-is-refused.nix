{ ${{ __toString = _: "a"; }} = 1; }
