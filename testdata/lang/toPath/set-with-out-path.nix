builtins.toPath { outPath = "/o/../p"; }
