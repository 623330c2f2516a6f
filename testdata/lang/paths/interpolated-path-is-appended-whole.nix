let p = /p; in [ ./x/${p} ./x${p} /${p} ]
