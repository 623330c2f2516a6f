let a=1;f=x: x+a;in{b=f(a);c=[a(a)]++[{}"x"''y''];d=if true then[]else{};}
