# A small NixOS system of nixpkgs 26.05.
{ path }:
let
  configuration = {
    fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
    boot.loader.grub.device = "/dev/sda";
    services.openssh.enable = true;
    users.users.a = { isNormalUser = true; };
    documentation.enable = false;
    system.stateVersion = "24.11";
  };
in
(import (path + "/nixos") { system = "x86_64-linux"; inherit configuration; }).config.system.build.toplevel.drvPath
