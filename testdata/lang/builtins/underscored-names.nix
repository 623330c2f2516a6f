[ (__add 1 2) (__length [ 1 ]) (__substring 0 1 "ab") (__head [ 3 ]) (__typeOf __currentSystem) __langVersion __storeDir (__sub 1 2) (__lessThan 1 2) ]
