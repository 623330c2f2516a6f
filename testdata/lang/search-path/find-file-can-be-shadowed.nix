let __findFile = path: name: "looked up ${name}"; in [ <anything> <a/b.c> ]
