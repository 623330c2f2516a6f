"line one
	tabbed
  end"
