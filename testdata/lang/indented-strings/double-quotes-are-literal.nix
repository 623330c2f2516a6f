''say "hi"''
