# A service and a process of our own under the native process manager.
{ pkgs, lib, config, ... }:
{
  services.redis = {
    enable = true;
    port = 6380;
    extraConfig = "maxmemory 64mb";
  };
  process.manager.implementation = "native";
  processes.poller = {
    exec = "${lib.getExe pkgs.curl} --retry 5 http://localhost:${toString config.services.redis.port}";
    after = [ "devenv:processes:redis" ];
  };
}
