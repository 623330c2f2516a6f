builtins.getEnv "SURELY_NOT_SET_ANYWHERE"
