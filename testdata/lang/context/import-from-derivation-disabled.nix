# test: option allow-import-from-derivation false
import (derivation { name = "d"; system = "x"; builder = "b"; })
