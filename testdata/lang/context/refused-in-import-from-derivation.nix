import (derivation { name = "d"; system = "x"; builder = "b"; })
