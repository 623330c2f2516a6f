"${{ __toString = _: "s"; outPath = "o"; }}"
