# Two compilers at once.
{ pkgs, ... }:
{
  languages.c = {
    enable = true;
    lsp.enable = false;
    debugger = null;
  };
  languages.zig = {
    enable = true;
    lsp.enable = false;
  };
  env.ZIG_GLOBAL_CACHE_DIR = "/tmp/zig";
  packages = [
    pkgs.cmake
    pkgs.ninja
  ];
}
