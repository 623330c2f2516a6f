[ (isNull (null)) (isNull (if true then null else 1)) ]
