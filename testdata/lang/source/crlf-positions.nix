{
  a = __curPos;
  b =
    __curPos;
}.b.line
