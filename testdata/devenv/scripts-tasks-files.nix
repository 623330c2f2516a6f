# Everything a project defines by itself: scripts, tasks that depend on each other, generated files.
{ pkgs, config, ... }:
{
  scripts.greet = {
    description = "Says hello to somebody.";
    exec = ''
      echo "hello ''${1:-$USER}"
    '';
  };
  scripts.count = {
    package = pkgs.python3;
    exec = "print(sum(range(10)))";
  };
  tasks."app:prepare" = {
    exec = "mkdir -p out";
    status = "test -d out";
    before = [ "devenv:enterShell" ];
  };
  tasks."app:build" = {
    exec = "greet > out/greeting";
    execIfModified = [ "src/*.txt" ];
    after = [ "app:prepare" ];
  };
  files."settings.json".json = {
    name = "app";
    nested.list = [ 1 2.5 null true ];
  };
  files."settings.ini".ini.section.key = "value";
  files.".env.example".text = "DATA=${config.devenv.root}/data\n";
  outputs.greeter = pkgs.writeShellScriptBin "greeter" "echo hi";
}
