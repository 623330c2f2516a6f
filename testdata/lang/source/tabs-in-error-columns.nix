# test: stderr
		{	}.a
