# test: stdin
# test: stderr
		{	}.a
