# 34 packages from all over nixpkgs 26.05: languages, cross compilation, large sets, unfree ones.
{ path }:
let
  pkgs = import path { system = "x86_64-linux"; config.allowUnfree = true; };
  inherit (pkgs.lib) attrByPath splitString;
  drvPath = name:
    let found = builtins.tryEval (attrByPath (splitString "." name) null pkgs).drvPath;
    in if found.success then found.value else "error";
  names = [
    "hello" "git" "vim" "emacs" "chromium" "libreoffice" "gnome-shell" "kdePackages.plasma-desktop" "python3Packages.torch"
    "nodejs" "rustc" "go" "ghc" "haskellPackages.pandoc" "rPackages.BiocGenerics" "texliveFull" "linuxPackages.kernel"
    "postgresql" "qemu" "docker" "nix" "openjdk" "ocamlPackages.lwt" "perlPackages.Moose" "php" "ruby"
    "pkgsCross.aarch64-multiplatform.hello" "pkgsMusl.hello" "pkgsStatic.bash" "llvmPackages.clang" "vscode" "blender"
    "ffmpeg" "systemd"
  ];
in
builtins.listToAttrs (map (name: { inherit name; value = drvPath name; }) names)
