"a${nope}"
