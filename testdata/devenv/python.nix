# Python with a virtual environment made by uv.
{ ... }:
{
  languages.python = {
    enable = true;
    lsp.enable = false;
    venv.enable = true;
    venv.requirements = ''
      requests
      rich>=13
    '';
    uv.enable = true;
  };
  env.PYTHONDONTWRITEBYTECODE = 1;
}
