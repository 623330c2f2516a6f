# test: stderr
{
  a = 1;
  b = a;
}
