[ ((1).a or 2) (null.a or 3) ([ ].a.b or 4) ({ a = 1; }.a.b or 5) ((x: x).a or 6) ]
