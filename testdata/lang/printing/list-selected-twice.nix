let s.l = [ 1 2 ]; in [ s.l s.l ]
