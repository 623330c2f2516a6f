# test: xml
{
  a = 1;
  f = x: x;
  g = { b, c ? 1 }: b;
}
