# Node with its package managers in a folder of the project.
{ pkgs, ... }:
{
  languages.javascript = {
    enable = true;
    lsp.enable = false;
    package = pkgs.nodejs;
    npm.package = pkgs.nodejs;
    directory = "web";
    npm.enable = true;
    npm.install.enable = true;
  };
  packages = [ pkgs.curl ];
}
