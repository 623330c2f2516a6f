let p = /p/q; in ./x${toString p}
