let probe = [ abort baseNameOf break builtins derivation derivationStrict dirOf false fetchGit fetchMercurial fetchTarball fromTOML import isNull map null placeholder removeAttrs scopedImport throw toString true ];
in map builtins.typeOf probe
