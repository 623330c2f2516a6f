[ (toString { __toString = self: { outPath = "/p"; }; }) "${{ __toString = _: { __toString = _: "deep"; }; }}" ]
