# test: stderr
let
  config = { services.web.enable = true; };
in
if config.services.wbe.enable then 1 else 2
