"a${{ __toString = self: "<${self.v}>"; v = "b"; }}c"
