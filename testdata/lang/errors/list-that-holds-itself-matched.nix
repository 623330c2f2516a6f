let x = [ x ]; in ({ a }: a) x
