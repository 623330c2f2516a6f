map builtins.typeOf [ /a ./a ../a a/b a.b/c ./. ../. ./a-b_c+d.e /a/b/c ~/x ]
