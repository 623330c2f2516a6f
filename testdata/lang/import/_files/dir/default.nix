"default of dir"
