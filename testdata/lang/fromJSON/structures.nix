builtins.fromJSON ''{"b": [1, {"c": null}, []], "a": {}, "": "empty", "x y": 1.0}''
