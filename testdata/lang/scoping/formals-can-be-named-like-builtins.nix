({ map, toString }: [ map toString ]) { map = 1; toString = 2; }
