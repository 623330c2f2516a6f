# Selection from nested sets, with and without defaults, and `?`.
# goal: 0.6
let
  config = {
    services.web = { enable = true; port = 80; limits = { open.files = 1024; open.sockets = 64; }; };
    services.mail = { enable = false; port = 25; };
    system = { state.version = 7; };
  };
  sets = [ config (config // { system.state.version = 9; }) (config // { users = { }; }) ];
  look = i: set:
    set.services.web.port + set.services.web.limits.open.files + (set.services.web.limits.open.sockets or 0)
    + (set.services.mail.limits.open.files or 3) + set.system.state.version
    + (if set ? users then 1 else 2) + (if set ? services.mail.enable then i else 0);
in
builtins.foldl' (sum: i: builtins.foldl' (part: set: part + look i set) sum sets) 0 (builtins.genList (i: i) 300000)
